import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { BackendName } from "../../../src/catalog/backends/known-backends.ts";
import { quirksNamed } from "../../../src/catalog/choose-quirks.ts";
import { careful } from "../../../src/catalog/quirks.ts";
import { type ErrorKind, ProxyError } from "../../../src/errors.ts";
import type { Plan } from "../../../src/plan/plan.ts";
import { findError, readError, readErrorFrame } from "../../../src/upstream/refusal/read-error.ts";
import { planFor } from "../../support/plans.ts";

const question = { max_tokens: 9, messages: [{ role: "user", content: "Hi" }] };
const plan: Plan = {
  ...planFor({ model: "claude-opus-5-5", ...question }),
  backend: {
    name: "backend.example",
    chatUrl: "https://backend.example/v1/chat/completions",
    modelsUrl: "https://backend.example/v1/models",
    quirks: careful,
    headers: { authorization: "Bearer unprefixed0123456789", "x-title": "some title" },
    silenceMs: 1000,
  },
};

const read = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  readError(status, new Headers(headers), typeof body === "string" ? body : JSON.stringify(body), plan);
const openai = (message: string, code: string | number | null = null, type = "invalid_request_error") => ({
  error: { message, type, param: null, code },
});

describe("errors captured from llama-server", () => {
  const rows: [fixture: string, kind: ErrorKind, message: string | RegExp][] = [
    ["ctx", "prompt-too-long", "prompt is too long: 70010 tokens > 32768 maximum"],
    ["image", "invalid-request", /^Could not process image: image input is not supported/],
    ["image-stream", "invalid-request", /^Could not process image: /],
    ["loading", "overloaded", "Loading model"],
    ["bad-key", "authentication", /Invalid API Key$/],
    ["404", "not-found", /^model: claude-opus-5-5 \(sent as big-model\): File Not Found$/],
    ["method", "not-found", /File Not Found$/],
    ["args-notjson", "upstream", /^Failed to parse tool call arguments as JSON/],
    ["badjson", "upstream", /parse error at line 1/],
    ["peg-mismatch", "upstream", /expected peg-native format$/],
    ["max-neg", "invalid-request", /^Field 'max_tokens': Value must be between/],
    ["nomessages", "invalid-request", "'messages' is required"],
    ["part", "invalid-request", "unsupported content[].type"],
    ["schema", "invalid-request", /Unrecognized schema: {"type":"nonsense"}$/],
    ["schema-ref", "invalid-request", /Error resolving ref/],
    ["temp-type", "invalid-request", /type must be number, but is string$/],
  ];
  for (const [fixture, kind, message] of rows) {
    test(fixture, async () => {
      const path = `${import.meta.dir}/../../fixtures/openai-chat/llamacpp/err-${fixture}.json`;
      const { status, body } = await Bun.file(path).json();
      const error = read(status, body);
      expect(error.kind).toBe(kind);
      expect(error.message).toMatch(message);
      expect(error.upstreamStatus).toBe(status);
    });
  }
});

describe("a prompt too long, with its numbers", () => {
  const rows: [who: string, status: number, body: unknown, tokens: number, limit: number][] = [
    [
      "llama.cpp",
      400,
      {
        error: {
          code: 400,
          message: "the request exceeds the available context size. try increasing the context size",
          type: "exceed_context_size_error",
          n_prompt_tokens: 13392,
          n_ctx: 8192,
        },
      },
      13392,
      8192,
    ],
    [
      "OpenAI",
      400,
      openai(
        "This model's maximum context length is 128000 tokens. However, your messages resulted in 150123 tokens. Please reduce the length of the messages.",
        "context_length_exceeded",
      ),
      150123,
      128000,
    ],
    [
      "vLLM, the prompt alone",
      400,
      {
        object: "error",
        message:
          "This model's maximum context length is 4096 tokens. However, you requested 100 output tokens and your prompt contains at least 5000 input tokens, for a total of at least 5100 tokens.",
        type: "BadRequestError",
        code: 400,
      },
      5000,
      4096,
    ],
    [
      "vLLM, older",
      400,
      {
        error: {
          message: "The decoder prompt (length 9000) is longer than the maximum model length of 8192.",
        },
      },
      9000,
      8192,
    ],
    [
      "xAI",
      400,
      {
        code: "Client specified an invalid argument",
        error: "This model's maximum prompt length is 131072 but the request contains 140000 tokens.",
      },
      140000,
      131072,
    ],
    [
      "Gemini",
      400,
      [
        {
          error: {
            code: 400,
            message:
              "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
            status: "INVALID_ARGUMENT",
          },
        },
      ],
      1200000,
      1048576,
    ],
    [
      "Moonshot",
      400,
      {
        error: {
          message: "Invalid request: Your request exceeded model token limit: 262144 (requested: 300000)",
          type: "invalid_request_error",
        },
      },
      300000,
      262144,
    ],
    [
      "Mistral",
      400,
      {
        object: "error",
        message:
          "Prompt contains 140000 tokens and 0 draft tokens, too large for model with 131072 maximum context length",
        type: "invalid_request_prompt",
        code: "3051",
      },
      140000,
      131072,
    ],
    [
      "OpenRouter, prompt over the limit",
      400,
      {
        error: {
          code: 400,
          message:
            "This endpoint's maximum context length is 131072 tokens. However, you requested about 172000 tokens (130000 of text input, 10000 of tool input, 32000 in the output). Please reduce the length of either one.",
        },
      },
      140000,
      131072,
    ],
    [
      "OpenRouter, with the provider's message inside",
      400,
      {
        error: {
          code: 400,
          message: "Provider returned error",
          metadata: {
            provider_name: "Anthropic",
            raw: '{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 208310 tokens > 200000 maximum"}}',
          },
        },
      },
      208310,
      200000,
    ],
    [
      "Text Generation Inference, Together",
      422,
      {
        error:
          "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 65537. Given: 79993 `inputs` tokens and 1024 `max_new_tokens`",
      },
      79993,
      65537,
    ],
    [
      "Text Generation Inference, the prompt alone",
      422,
      { error: "Input validation error: `inputs` must have less than 4096 tokens. Given: 4545" },
      4545,
      4096,
    ],
    [
      "a status inside the message",
      400,
      openai(
        "Error code: 400 - Please reduce the length of the messages. Current length is 9000 while limit is 8192",
      ),
      9000,
      8192,
    ],
    [
      "separators in numbers",
      500,
      openai("maximum context length is 8,192 tokens, but your messages resulted in 10,001 tokens"),
      10001,
      8192,
    ],
    [
      "no room for a shorter answer",
      400,
      openai(
        "This model's maximum context length is 8192 tokens. However, you requested 12000 tokens (8000 in the messages, 4000 in the completion).",
      ),
      12000,
      8192,
    ],
  ];
  for (const [who, status, body, tokens, limit] of rows) {
    test(who, () => {
      const error = read(status, body);
      expect(error.message).toBe(`prompt is too long: ${tokens} tokens > ${limit} maximum`);
      expect(error.kind).toBe("prompt-too-long");
    });
  }
});

describe("a prompt too long, without two numbers", () => {
  const rows: [who: string, status: number, body: unknown][] = [
    ["Groq", 400, openai("Please reduce the length of the messages or completion.")],
    [
      "LM Studio",
      400,
      { error: "The number of tokens to keep from the initial prompt is greater than the context length" },
    ],
    ["Qwen", 400, openai("Range of input length should be [1, 129024]")],
    [
      "Qwen, with its status",
      400,
      openai("<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 129024]"),
    ],
    [
      "a limit and a status",
      400,
      openai("Error code: 400 - This model's maximum context length is 8192 tokens"),
    ],
    [
      "GitHub Models",
      413,
      openai("Request body too large for gpt-4o model. Max size: 8000 tokens.", "tokens_limit_reached"),
    ],
    [
      "MiniMax",
      200,
      { base_resp: { status_code: 2013, status_msg: "invalid params, context window exceeds limit" } },
    ],
    ["Bedrock's wording", 400, openai("Input is too long for requested model.")],
    ["only a code", 400, openai("Bad request", "context_length_exceeded")],
    ["a model name with digits", 413, openai("llama-3-8192 128: too many input tokens")],
  ];
  for (const [who, status, body] of rows) {
    test(who, () => {
      const error = read(status, body);
      expect(error.kind).toBe("prompt-too-long");
      expect(error.message).toMatch(/^prompt is too long: \D/);
    });
  }
});

describe("prompt and answer together are too long: the client asks for less", () => {
  const rows: [who: string, message: string, sum: string][] = [
    [
      "OpenAI",
      "This model's maximum context length is 16385 tokens. However, you requested 21000 tokens (1000 in the messages, 20000 in the completion). Please reduce the length of the messages or completion.",
      "1000 + 20000 > 16385",
    ],
    [
      "vLLM",
      "This model's maximum context length is 32768 tokens. However, you requested 32000 output tokens and your prompt contains at least 20000 input tokens, for a total of at least 52000 tokens.",
      "20000 + 32000 > 32768",
    ],
    [
      "vLLM, another",
      "'max_tokens' or 'max_completion_tokens' is too large: 8192. This model's maximum context length is 8192 tokens and your request has 20 input tokens (8192 > 8192 - 20).",
      "20 + 8192 > 8192",
    ],
    [
      "SGLang",
      "Requested token count exceeds the model's maximum context length of 32768 tokens. You requested a total of 34000 tokens: 2000 tokens from the input messages and 32000 tokens for the completion.",
      "2000 + 32000 > 32768",
    ],
    [
      "OpenRouter",
      "This endpoint's maximum context length is 131072 tokens. However, you requested about 140000 tokens (100000 of text input, 8000 of tool input, 32000 in the output).",
      "108000 + 32000 > 131072",
    ],
    [
      "Anthropic's own",
      "input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000, decrease input length or `max_tokens` and try again",
      "188240 + 21333 > 200000",
    ],
  ];
  for (const [who, message, sum] of rows) {
    test(who, () => {
      const error = read(400, openai(message));
      expect(error.kind).toBe("invalid-request");
      expect(error.message).toBe(
        `input length and \`max_tokens\` exceed context limit: ${sum}, decrease input length or \`max_tokens\` and try again`,
      );
    });
  }
});

describe("not an overflow", () => {
  const rows: [status: number, body: unknown, kind: ErrorKind][] = [
    [429, openai("Rate limit reached: too many tokens per minute", "rate_limit_exceeded"), "rate-limit"],
    [
      413,
      openai(
        "Request too large for model `x` on tokens per minute (TPM): Limit 6000, Requested 9000, please reduce the length of the messages",
        "rate_limit_exceeded",
        "tokens",
      ),
      "rate-limit",
    ],
    [
      400,
      openai("max_tokens is too large: 200000. This model supports at most 128000 completion tokens"),
      "invalid-request",
    ],
    [400, openai("Invalid max_tokens value, the valid range of max_tokens is [1, 8192]"), "invalid-request"],
    [400, openai("max_tokens 9999 exceeds the limit of 8192"), "invalid-request"],
    [413, "<html><head><title>413 Request Entity Too Large</title></head></html>", "request-too-large"],
  ];
  for (const [status, body, kind] of rows) {
    test(`${status} ${JSON.stringify(body).slice(0, 80)}`, () => expect(read(status, body).kind).toBe(kind));
  }
});

describe("status → kind", () => {
  const rows: [status: number, kind: ErrorKind][] = [
    [400, "invalid-request"],
    [401, "authentication"],
    [402, "billing"],
    [403, "permission"],
    [404, "not-found"],
    [405, "invalid-request"],
    [408, "timeout"],
    [409, "conflict"],
    [413, "request-too-large"],
    [415, "invalid-request"],
    [422, "invalid-request"],
    [429, "rate-limit"],
    [498, "overloaded"],
    [500, "upstream"],
    [501, "upstream"],
    [502, "upstream"],
    [503, "overloaded"],
    [504, "timeout"],
    [520, "upstream"],
    [524, "timeout"],
    [529, "overloaded"],
  ];
  for (const [status, kind] of rows) {
    test(`${status} → ${kind}`, () => {
      const error = read(status, "");
      expect(error.kind).toBe(kind);
      expect(error.message).toContain(`The backend answered ${status} without an explanation`);
      expect(error.upstreamStatus).toBe(status);
    });
  }
});

describe("codes and messages that say more than the status", () => {
  const rows: [name: string, status: number, body: unknown, kind: ErrorKind][] = [
    ["an exhausted quota", 429, openai("Quota", "insufficient_quota"), "billing"],
    ["Moonshot's", 429, { error: { message: "x", type: "exceeded_current_quota_error" } }, "billing"],
    ["Moonshot's engine", 429, { error: { message: "x", type: "engine_overloaded_error" } }, "overloaded"],
    ["as a message", 500, openai("The engine is currently overloaded"), "overloaded"],
    ["moderation", 403, openai("Input flagged", 403), "invalid-request"],
    ["a forbidden model", 403, openai("No access", 403), "permission"],
    ["Azure's filter", 400, { error: { code: "content_filter", message: "Filtered" } }, "invalid-request"],
    ["Azure's deployment", 404, { error: { code: "DeploymentNotFound", message: "x" } }, "not-found"],
    ["DeepSeek", 400, openai("Model Not Exist"), "not-found"],
    ["OpenRouter", 400, openai("foo/bar is not a valid model ID", 400), "not-found"],
    ["OpenAI", 400, openai("The model `gpt-9` does not exist or you do not have access"), "not-found"],
  ];
  for (const [name, status, body, kind] of rows) {
    test(name, () => expect(read(status, body).kind).toBe(kind));
  }
});

describe("error codes of a single backend", () => {
  const rows: [backend: BackendName, status: number, body: unknown, kind: ErrorKind][] = [
    ["zai", 429, { error: { code: "1113", message: "Insufficient balance" } }, "billing"],
    ["zai", 400, { error: { code: "1261", message: "Prompt exceeds max length" } }, "prompt-too-long"],
    ["zai", 400, { error: { code: "1302", message: "High concurrency" } }, "rate-limit"],
    ["minimax", 200, { base_resp: { status_code: 1002, status_msg: "rate" } }, "rate-limit"],
    ["minimax", 200, { base_resp: { status_code: 1004, status_msg: "login" } }, "authentication"],
    ["minimax", 200, { base_resp: { status_code: 1008, status_msg: "balance" } }, "billing"],
    ["minimax", 200, { base_resp: { status_code: 1039, status_msg: "TPM" } }, "rate-limit"],
    ["minimax", 200, { base_resp: { status_code: 1000, status_msg: "broken" } }, "upstream"],
  ];
  test.each(rows)("%s, %d, %j", (backend, status, body, kind) => {
    const quirks = quirksNamed(backend);
    const error = readError(status, new Headers(), JSON.stringify(body), { ...plan, quirks });
    expect(error.kind).toBe(kind);
    if (kind === "prompt-too-long") expect(error.message).toMatch(/^prompt is too long: \D/);
  });

  test("the same numbers mean nothing elsewhere", () => {
    expect(read(400, { error: { code: "1302", message: "High concurrency" } }).kind).toBe("invalid-request");
    expect(readErrorFrame({ base_resp: { status_code: 1002, status_msg: "no" } }, plan).kind).toBe(
      "upstream",
    );
  });
});

test("an unknown model is reported under the client's name", () => {
  expect(read(404, openai("The model `big-model` does not exist", "model_not_found")).message).toBe(
    "model: claude-opus-5-5 (sent as big-model): The model `big-model` does not exist",
  );
});

describe("images and PDFs that the backend cannot take", () => {
  const rows: [status: number, message: string, media: "image" | "pdf"][] = [
    [
      500,
      "image input is not supported - hint: if this is unexpected, you may need to provide the mmproj",
      "image",
    ],
    [404, "No endpoints found that support image input", "image"],
    [400, "Invalid content type. image_url is only supported by certain models.", "image"],
    [400, "Failed to deserialize: unknown variant `image_url`, expected `text`", "image"],
    [400, "tiny is not a multimodal model", "image"],
    [400, "At most 0 image(s) may be provided in one request.", "image"],
    [400, "This model does not support image input", "image"],
    [400, "Model doesn't support images", "image"],
    [400, "Invalid image data", "image"],
    [404, "No endpoints found that support file input", "pdf"],
    [400, "This model does not support file content", "pdf"],
    [400, "unknown variant `file`, expected `text`", "pdf"],
    [400, "Invalid value: file. Supported values are: 'text', 'image_url', 'video_url' and 'video'.", "pdf"],
    [400, "Invalid content part type: file", "pdf"],
  ];
  for (const [status, message, media] of rows) {
    test(message, () => {
      const error = read(status, openai(message));
      expect(error.kind).toBe("invalid-request");
      expect(error.message).toBe(`Could not process ${media}: ${message}`);
    });
  }
  test("a failure about text is not changed", () => {
    expect(read(500, openai("cannot read file model.gguf")).message).toBe("cannot read file model.gguf");
    expect(read(400, openai("This model does not support tools")).message).toBe(
      "This model does not support tools",
    );
  });
});

describe("the message is found anywhere", () => {
  const rows: [name: string, body: unknown, message: string][] = [
    [
      "OpenRouter, JSON of the provider",
      {
        error: {
          code: 400,
          message: "Provider returned error",
          metadata: { provider_name: "DeepInfra", raw: '{"detail":{"error":"Bad tool"}}' },
        },
      },
      "DeepInfra: Bad tool",
    ],
    [
      "OpenRouter, an error of the provider",
      {
        error: {
          code: 400,
          message: "Provider returned error",
          metadata: { provider_name: "Azure", raw: '{"error":{"message":"Bad tool","code":"x"}}' },
        },
      },
      "Azure: Bad tool",
    ],
    [
      "OpenRouter, plain text of the provider",
      {
        error: {
          code: 400,
          message: "Provider returned error",
          metadata: { provider_name: "X", raw: "Bad tool" },
        },
      },
      "X: Bad tool",
    ],
    ["Mistral, flat", { object: "error", message: "Bad tool", type: "invalid_request_error" }, "Bad tool"],
    [
      "Mistral, details inside message",
      { object: "error", message: { detail: [{ loc: ["body", "tools", 0], msg: "extra field" }] } },
      "tools.0: extra field",
    ],
    [
      "FastAPI",
      {
        detail: [
          { loc: ["body", "stream"], msg: "Bad", type: "x" },
          { loc: ["body"], msg: "Worse" },
        ],
      },
      "stream: Bad; Worse",
    ],
    ["FastAPI, as text", { detail: "Not Allowed" }, "Not Allowed"],
    ["LM Studio", { error: "Bad tool" }, "Bad tool"],
    ["Gemini", [{ error: { code: 400, message: "Bad tool", status: "INVALID_ARGUMENT" } }], "Bad tool"],
    ["Azure's gateway", { statusCode: 400, message: "Bad tool" }, "Bad tool"],
    ["a list of errors", { errors: [{ message: "Bad tool" }] }, "Bad tool"],
    ["msg", { code: 400, msg: "Bad tool" }, "Bad tool"],
    ["Anthropic's envelope", { type: "error", error: { type: "x", message: "Bad tool" } }, "Bad tool"],
    [
      "an error inside a quoted message",
      { error: { message: '{"error":{"message":"Bad tool"}}' } },
      "Bad tool",
    ],
    ["plain text", "Bad tool", "Bad tool"],
    [
      "HTML",
      "<!DOCTYPE html><html><head><title>502 Bad Gateway</title><style>a{}</style></head><body><h1>502 Bad Gateway</h1><hr>nginx</body></html>",
      "502 Bad Gateway 502 Bad Gateway nginx",
    ],
  ];
  for (const [name, body, message] of rows) {
    test(name, () => expect(read(400, body).message).toBe(message));
  }

  test("at most 500 characters", () => {
    const { message } = read(400, openai("x".repeat(9999)));
    expect(message).toHaveLength(500);
    expect(message).toEndWith("x…");
  });
});

test("secrets are removed, ours in any form", () => {
  const error = read(
    401,
    openai("Key unprefixed0123456789, sk-abcdefghijkl and Bearer abcdefgh refused for some title"),
  );
  expect(error.message).toBe(
    "The backend refused the key in OPENAI_API_KEY: Key ***, sk-*** and Bearer *** refused for some title",
  );
});

test("headers about waiting are passed on", () => {
  const error = read(429, openai("Slow down"), {
    "retry-after-ms": "2500",
    "x-ratelimit-remaining-requests": "0",
  });
  expect(error.retryAfter).toBe(3);
  expect(error.headers).toEqual({ "anthropic-ratelimit-requests-remaining": "0" });
});

describe("errors inside events and 200 bodies", () => {
  const rows: [name: string, value: unknown, kind: ErrorKind][] = [
    ["a numeric code", { error: { code: 429, message: "Slow down" } }, "rate-limit"],
    ["a numeric string", { error: { code: "502", message: "Bad gateway" } }, "upstream"],
    ["beside choices", { id: "x", error: { code: 504, message: "Late" }, choices: [] }, "timeout"],
    ["in a choice", { choices: [{ error: { code: 402, message: "Pay" } }] }, "billing"],
    ["in x_groq", { choices: [], x_groq: { error: "over_capacity" } }, "upstream"],
    ["flat", { object: "error", message: "Bad", type: "BadRequestError", code: 400 }, "invalid-request"],
    ["a list", [{ error: { status: "RESOURCE_EXHAUSTED", message: "Wait" } }], "rate-limit"],
    ["an error as text", { error: "Failed" }, "upstream"],
    ["Anthropic's type", { error: { type: "overloaded_error", message: "Overloaded" } }, "overloaded"],
    ["overflow", { error: { message: "context length exceeded" } }, "prompt-too-long"],
  ];
  for (const [name, value, kind] of rows) {
    test(name, () => {
      const found = findError(value);
      expect(found).toBeDefined();
      expect(readErrorFrame(found, plan).kind).toBe(kind);
    });
  }

  const ordinary: [name: string, value: unknown][] = [
    ["a chunk", { object: "chat.completion.chunk", choices: [{ index: 0, delta: { content: "error" } }] }],
    ["error: null", { error: null, choices: [{ delta: {}, error: null }] }],
    ["empty errors", { error: {}, choices: [] }],
    ["base_resp of success", { choices: [], base_resp: { status_code: 0, status_msg: "" } }],
    ["x_groq with usage", { choices: [], x_groq: { id: "x", usage: {} } }],
    ["an empty list", []],
    ["text named error", "error"],
    ["nothing", undefined],
    ["null", null],
  ];
  for (const [name, value] of ordinary) {
    test(`${name} is not an error`, () => expect(findError(value)).toBeUndefined());
  }

  test("a sentence or HTML instead of JSON", () => {
    expect(readErrorFrame("<html>Login</html>", plan).message).toBe("Login");
    expect(readErrorFrame({}, plan).message).toBe(
      "The backend answered with an error without an explanation",
    );
  });
});

test("any body at any status gives an error with a message", () => {
  fc.assert(
    fc.property(fc.integer({ min: 200, max: 599 }), fc.oneof(fc.json(), fc.string()), (status, body) => {
      const error = read(status, body);
      expect(error).toBeInstanceOf(ProxyError);
      expect(error.message.length).toBeGreaterThan(0);
      expect(error.message.length).toBeLessThanOrEqual(500);
    }),
  );
});
