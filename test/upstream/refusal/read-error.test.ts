import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { BackendName } from "../../../src/catalog/backends/known-backends.ts";
import { quirksNamed } from "../../../src/catalog/choose-quirks.ts";
import { commonQuirks } from "../../../src/catalog/quirks.ts";
import { nameSettings } from "../../../src/config/list-backends.ts";
import { type ErrorKind, ProxyError } from "../../../src/errors.ts";
import type { Plan } from "../../../src/plan/plan.ts";
import { readError, readErrorFrame } from "../../../src/upstream/refusal/read-error.ts";
import { planFor } from "../../support/plans.ts";

const question = { max_tokens: 9, messages: [{ role: "user", content: "Hi" }] };
const plan: Plan = {
  ...planFor({ model: "claude-opus-5-5", ...question }),
  url: "https://backend.example/v1/chat/completions",
  backend: {
    id: "default",
    name: "backend.example",
    settings: nameSettings("default"),
    urls: {
      chat: "https://backend.example/v1/chat/completions",
      responses: "https://backend.example/v1/responses",
    },
    protocol: undefined,
    modelsUrl: "https://backend.example/v1/models",
    address: { baseUrl: "https://backend.example/v1", hasApiVersion: false, name: undefined },
    quirks: commonQuirks,
    headers: { authorization: "Bearer unprefixed0123456789", "x-title": "some title" },
    keyHeaders: [],
    nativeQuirks: commonQuirks,
    takesCallersKey: false,
    maxConcurrent: undefined,
    firstTokenMs: undefined,
    silenceMs: 1000,
    firstSilenceMs: 1000,
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
    ["404", "wrong-address", /^Cannot find the API at .*answered 404 \(File Not Found\)/],
    ["method", "wrong-address", /^Cannot find the API at /],
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

describe("status → kind", () => {
  const rows: [status: number, kind: ErrorKind][] = [
    [400, "invalid-request"],
    [401, "authentication"],
    [402, "billing"],
    [403, "permission"],
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
    [
      "a rate limit in tokens",
      413,
      openai(
        "Request too large for model `x` on tokens per minute (TPM): Limit 6000, Requested 9000, please reduce the length of the messages",
        "rate_limit_exceeded",
        "tokens",
      ),
      "rate-limit",
    ],
    ["an output limit", 400, openai("max_tokens 9999 exceeds the limit of 8192"), "invalid-request"],
    [
      "HTML",
      413,
      "<html><head><title>413 Request Entity Too Large</title></head></html>",
      "request-too-large",
    ],
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
    [
      "minimax",
      200,
      { base_resp: { status_code: 2013, status_msg: "invalid params, context window exceeds limit" } },
      "prompt-too-long",
    ],
    ["minimax", 200, { base_resp: { status_code: 2013, status_msg: "invalid params" } }, "invalid-request"],
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

describe("a model that does not exist", () => {
  test.each<[status: number, message: string]>([
    [
      400,
      "The supported API model names are deepseek-v4-pro or deepseek-v4-flash, but you passed deepseek-chat.",
    ],
    [
      400,
      "/chat/completions: Invalid model name passed in model=x. Call `/v1/models` to view available models",
    ],
    [400, "Model does not exist. Please check it carefully."],
    [400, "Model Not Exist"],
    [422, "Unknown model: x"],
    [400, "The model `x` has been decommissioned and is no longer supported."],
    [400, "Model gpt-9 isn't available"],
    [400, 'Model "foo/bar" is not loaded'],
    [400, "model foo is not supported"],
    [400, "The requested model 'foo' is not supported by any provider you have enabled."],
    [400, "There is no model named foo"],
    [400, "Unable to find model foo"],
    [400, "The model 'foo' cannot be found"],
    [400, "Model 'foo' has reached its end of life"],
    [400, "Available models: a, b, c"],
    [400, "模型 foo 不存在"],
  ])("%i %s", (status, message) => expect(read(status, openai(message)).kind).toBe("not-found"));

  test.each([
    "Unsupported parameter: 'max_tokens' is not supported with this model",
    "The model's answer is not valid",
    "This model does not support tools",
  ])("%s is something else", (message) => expect(read(400, openai(message)).kind).toBe("invalid-request"));
});

test("a call that does not fit its tool is a mistake of the model", () => {
  const words =
    "Failed to call a function. Please adjust your prompt. See 'failed_generation' for more details.";
  expect(read(400, openai(words, "tool_use_failed")).isModelMistake).toBe(true);
  expect(readErrorFrame(openai(words), plan).isModelMistake).toBe(true);
  expect(read(400, openai("Bad request")).isModelMistake).toBe(false);
});

test("how long to wait is also read from the body", () => {
  const details = [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "34.07s" }];
  const body = [{ error: { code: 429, status: "RESOURCE_EXHAUSTED", message: "Slow down", details } }];
  expect(read(429, body).retryAfter).toBe(34.07);
  expect(read(429, openai("Please try again in 1m12.5s.")).retryAfter).toBe(72.5);
  expect(read(429, openai("Please retry after 30 seconds.")).retryAfter).toBe(30);
  expect(read(429, openai("Try again in 250ms")).retryAfter).toBe(0.25);
  expect(read(429, openai("Try again later")).retryAfter).toBeUndefined();
  expect(read(429, body, { "retry-after": "5" }).retryAfter).toBe(5);
});

test("an unknown model is reported under the client's name", () => {
  expect(read(404, openai("The model `big-model` does not exist", "model_not_found")).message).toBe(
    "model: claude-opus-5-5 (sent as big-model): The model `big-model` does not exist",
  );
});

test("a message has at most 500 characters", () => {
  const { message } = read(400, openai("x".repeat(9999)));
  expect(message).toHaveLength(500);
  expect(message).toEndWith("x…");
});

test("secrets are removed, ours in any form", () => {
  const error = read(
    401,
    openai("Key unprefixed0123456789, sk-abcdefghijkl and Bearer abcdefgh refused for some title"),
  );
  expect(error.message).toBe(
    "The backend refused the key in OPENAI_API_KEY: Key ***, sk-*** and Bearer *** refused for ***",
  );
});

test.each([
  ["default", "the key in OPENAI_API_KEY"],
  ["small", "the key in SMALL_API_KEY"],
  ["router", "the key in backends.router.keys"],
])("a key of the backend %s that is refused is named", (id, words) => {
  const named = { ...plan, backend: { ...plan.backend, settings: nameSettings(id) } };
  const refused = readError(401, new Headers(), openai("No"), named);
  expect(refused.message).toBe(`The backend refused ${words}: No`);
});

test("headers about waiting are passed on", () => {
  const error = read(429, openai("Slow down"), {
    "retry-after-ms": "2500",
    "x-ratelimit-remaining-requests": "0",
  });
  expect(error.retryAfter).toBe(3);
  expect(error.headers).toEqual({ "anthropic-ratelimit-requests-remaining": "0" });
});

test("a refused image is reported in the words by which a client removes it", () => {
  const error = read(500, openai("image input is not supported"));
  expect(error.kind).toBe("invalid-request");
  expect(error.message).toBe("Could not process image: image input is not supported");
  expect(read(500, openai("cannot read file model.gguf")).message).toBe("cannot read file model.gguf");
});

test("a sentence or HTML instead of JSON is explained", () => {
  expect(readErrorFrame("Log in first", plan).message).toBe("Log in first");
  expect(readErrorFrame("<html>Login</html>", plan).message).toContain("a web page answered (Login)");
  expect(readErrorFrame({}, plan).message).toBe("The backend answered with an error without an explanation");
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
