import { describe, expect, test } from "bun:test";
import { commonQuirks } from "../../../src/catalog/quirks.ts";
import { readFault } from "../../../src/upstream/refusal/read-fault.ts";
import { readOverflow } from "../../../src/upstream/refusal/read-overflow.ts";

const read = (status: number, body: unknown) => readOverflow(status, readFault(body, commonQuirks));
const openai = (message: string, code: string | number | null = null, type = "invalid_request_error") => ({
  error: { message, type, param: null, code },
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
      const overflow = read(status, body);
      expect(overflow?.message).toBe(`prompt is too long: ${tokens} tokens > ${limit} maximum`);
      expect(overflow?.kind).toBe("prompt-too-long");
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
      const overflow = read(status, body);
      expect(overflow?.kind).toBe("prompt-too-long");
      expect(overflow?.message).toMatch(/^prompt is too long: \D/);
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
      const overflow = read(400, openai(message));
      expect(overflow?.kind).toBe("invalid-request");
      expect(overflow?.message).toBe(
        `input length and \`max_tokens\` exceed context limit: ${sum}, decrease input length or \`max_tokens\` and try again`,
      );
    });
  }
});

describe("not an overflow", () => {
  const rows: [status: number, body: unknown][] = [
    [429, openai("Rate limit reached: too many tokens per minute", "rate_limit_exceeded")],
    [
      413,
      openai(
        "Request too large for model `x` on tokens per minute (TPM): Limit 6000, Requested 9000, please reduce the length of the messages",
        "rate_limit_exceeded",
        "tokens",
      ),
    ],
    [400, openai("max_tokens is too large: 200000. This model supports at most 128000 completion tokens")],
    [400, openai("Invalid max_tokens value, the valid range of max_tokens is [1, 8192]")],
    [400, openai("max_tokens 9999 exceeds the limit of 8192")],
    [413, "<html><head><title>413 Request Entity Too Large</title></head></html>"],
  ];
  for (const [status, body] of rows) {
    test(`${status} ${JSON.stringify(body).slice(0, 80)}`, () => expect(read(status, body)).toBeUndefined());
  }
});
