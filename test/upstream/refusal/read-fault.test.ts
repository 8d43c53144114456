import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { quirksNamed } from "../../../src/catalog/choose-quirks.ts";
import { commonQuirks } from "../../../src/catalog/quirks.ts";
import { readFault } from "../../../src/upstream/refusal/read-fault.ts";

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
    test(name, () => expect(readFault(body, commonQuirks).text).toBe(message));
  }
});

test("codes come from every layer, in lower case", () => {
  const body = {
    error: {
      code: 429,
      status: "RESOURCE_EXHAUSTED",
      innererror: { code: "ResponsibleAIPolicyViolation" },
      metadata: { raw: JSON.stringify({ error: { type: "Rate_Limit", message: "Wait" } }) },
    },
  };
  expect(readFault(body, commonQuirks).codes).toEqual([
    "429",
    "resource_exhausted",
    "responsibleaipolicyviolation",
    "rate_limit",
  ]);
  expect(readFault({ base_resp: { status_code: 1002, status_msg: "x" } }, commonQuirks).codes).toEqual([
    "1002",
  ]);
});

test("a code means something where the backend's quirks say so", () => {
  const quirks = { ...commonQuirks, errors: quirksNamed("zai").errors };
  const body = { error: { code: "1113", message: "Insufficient balance" } };
  expect(readFault(body, quirks).codeKind).toBe("billing");
  expect(readFault(body, commonQuirks).codeKind).toBeUndefined();
});

test("the status is the first HTTP status that the body names", () => {
  expect(readFault({ error: { code: "502", message: "Bad gateway" } }, commonQuirks).status).toBe(502);
  expect(readFault({ statusCode: 404 }, commonQuirks).status).toBe(404);
  expect(readFault({ error: { code: 1302, status: "x" } }, commonQuirks).status).toBeUndefined();
});

test("fields and token counts are found beside the message", () => {
  const error = { message: "Too long", param: "messages[1]", n_prompt_tokens: 13392, n_ctx: 8192 };
  expect(readFault({ error }, commonQuirks)).toMatchObject({
    params: ["messages[1]"],
    promptTokens: 13392,
    windowTokens: 8192,
  });
});

test("any value is read without throwing, nested ones and long texts in bounded time", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.jsonValue(), fc.json(), fc.string()),
      (value) => void readFault(value, commonQuirks),
    ),
  );
  let nested: object = { message: "inside" };
  for (let depth = 0; depth < 1000; depth++) nested = { error: nested };
  expect(readFault(nested, commonQuirks).text).toBe("");
  expect(readFault(`<${"a".repeat(1_000_000)}`, commonQuirks).text.length).toBeLessThanOrEqual(10_000);
});
