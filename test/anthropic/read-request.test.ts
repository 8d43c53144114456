import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Body } from "../../src/anthropic/cut-attachments.ts";
import { readCountTokensRequest, readMessagesRequest } from "../../src/anthropic/read-request.ts";
import { ProxyError } from "../../src/errors.ts";
import { bodyOf } from "../support/bodies.ts";

const good = { model: "claude-opus-5-5", max_tokens: 5, messages: [{ role: "user", content: "Hi" }] };
const withBlock = (...content: unknown[]) => ({ ...good, messages: [{ role: "user", content }] });
const without = (key: keyof typeof good) =>
  Object.fromEntries(Object.entries(good).filter(([name]) => name !== key));

function refusal(body: unknown, read: (body: Body) => unknown = readMessagesRequest): ProxyError {
  try {
    read(bodyOf(typeof body === "string" ? body : JSON.stringify(body)));
  } catch (thrown) {
    if (thrown instanceof ProxyError) return thrown;
    throw thrown;
  }
  throw new Error("The body was accepted");
}

test("a tool's input and schema stay as they came, even with a key named __proto__", () => {
  const input = '{"__proto__":{"polluted":true},"b":[{"__proto__":1}],"a":null}';
  const call = `{"type":"tool_use","id":"t","name":"T","input":${input}}`;
  const text = `{"model":"m","max_tokens":5,"messages":[{"role":"assistant","content":[${call}]}],"tools":[{"name":"T","input_schema":{"properties":${input}}}]}`;
  const { messages, tools } = readMessagesRequest(bodyOf(text));
  expect(JSON.stringify(messages)).toContain(`"input":${input}`);
  expect(JSON.stringify(tools)).toContain(`"properties":${input}`);
  expect({}).not.toHaveProperty("polluted");
});

describe("an error names the field by its path", () => {
  const rows: [name: string, body: unknown, message: string][] = [
    ["not JSON", "{nope", "Cannot read the request: the body is not valid JSON"],
    ["an empty body", "", "Cannot read the request: the body is not valid JSON"],
    ["a list", [], "Cannot read the request: the body is not a JSON object"],
    ["null", null, "Cannot read the request: the body is not a JSON object"],
    ["no model", without("model"), "model: Field required"],
    ["an empty model", { ...good, model: "" }, "model: String should have at least 1 character"],
    ["no messages", without("messages"), "messages: Field required"],
    ["empty messages", { ...good, messages: [] }, "messages: List should have at least 1 item"],
    ["no max_tokens", without("max_tokens"), "max_tokens: Field required"],
    ["max_tokens as text", { ...good, max_tokens: "x" }, "max_tokens: Input should be a valid number"],
    ["a fraction in max_tokens", { ...good, max_tokens: 1.5 }, "max_tokens: Input should be a valid integer"],
    [
      "a negative max_tokens",
      { ...good, max_tokens: -1 },
      "max_tokens: Input should be greater than or equal to 0",
    ],
    [
      "an unknown role",
      { ...good, messages: [{ role: "tool", content: "x" }] },
      "messages.0.role: Input should be 'user', 'assistant' or 'system'",
    ],
    ["no content", { ...good, messages: [{ role: "user" }] }, "messages.0.content: Field required"],
    [
      "content as a number",
      { ...good, messages: [{ role: "user", content: 5 }] },
      "messages.0.content: Input should be a valid list",
    ],
    ["a block without a type", withBlock({ text: "x" }), "messages.0.content.0.type: Field required"],
    [
      "a block whose type is a number",
      withBlock({ type: 5 }),
      "messages.0.content.0.type: Input should be a valid string",
    ],
    [
      "an image without data",
      withBlock(
        { type: "text", text: "x" },
        { type: "image", source: { type: "base64", media_type: "image/png" } },
      ),
      "messages.0.content.1.source.data: Field required",
    ],
    [
      "an unknown image source",
      withBlock({ type: "image", source: { type: "ftp" } }),
      "messages.0.content.0.source.type: Input should be 'base64', 'url' or 'file'",
    ],
    [
      "a thinking budget of zero",
      { ...good, thinking: { type: "enabled", budget_tokens: 0 } },
      "thinking.budget_tokens: Input should be greater than 0",
    ],
    ["a tool without a schema", { ...good, tools: [{ name: "t" }] }, "tools.0.input_schema: Field required"],
  ];
  for (const [name, body, message] of rows) {
    test(name, () => {
      const error = refusal(body);
      expect(error.kind).toBe("invalid-request");
      expect(error.message).toBe(message);
    });
  }
});

describe("fields of older and newer API versions are accepted", () => {
  const rows: [name: string, extra: Record<string, unknown>][] = [
    ["sampling parameters of every API version", { temperature: 0.3, top_p: 0.9, top_k: 5 }],
    ["unknown fields", { safeguards: [{ type: "x" }], context_management: { edits: [] }, betas: ["b"] }],
    ["a first message of any role", { messages: [{ role: "assistant", content: "Hi" }] }],
    ["a new thread", { thread: { type: "create" } }],
    ["nulls", { system: null, tools: null, stream: null, metadata: null }],
    ["unknown content blocks", { messages: [{ role: "user", content: [{ type: "hologram", beam: 1 }] }] }],
  ];
  for (const [name, extra] of rows) {
    test(name, () =>
      expect(readMessagesRequest(bodyOf(JSON.stringify({ ...good, ...extra }))).model).toBe(good.model),
    );
  }
});

test("counting needs no max_tokens and reports the same errors", () => {
  expect(readCountTokensRequest(bodyOf(JSON.stringify(without("max_tokens")))).messages).toHaveLength(1);
  expect(refusal({ model: "m" }, readCountTokensRequest).message).toBe("messages: Field required");
});

describe("hostile bodies", () => {
  for (const depth of [600, 10_000, 200_000]) {
    test(`JSON ${depth} levels deep`, () => {
      const bomb = `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
      const block = `{"type":"tool_use","id":"a","name":"b","input":${bomb}}`;
      const body = `{"model":"m","max_tokens":1,"messages":[{"role":"assistant","content":[${block}]}]}`;
      expect(refusal(body).message).toContain("deeper than 500 levels");
      expect(refusal("[".repeat(depth) + "]".repeat(depth)).kind).toBe("invalid-request");
    });
  }

  test("keys that target the prototype change nothing", () => {
    const body = `{"model":"m","max_tokens":1,"__proto__":{"evil":1},"messages":[{"role":"assistant","content":[
      {"type":"tool_use","id":"a","name":"b","input":{"__proto__":{"evil":1},"constructor":{"prototype":{"evil":1}}}}]}],
      "tools":[{"name":"t","__proto__":{"evil":1},"input_schema":{"__proto__":{"evil":1}}}]}`;
    const request = readMessagesRequest(bodyOf(body));
    expect(Object.getPrototypeOf(request)).toBe(Object.prototype);
    expect(Reflect.get({}, "evil")).toBeUndefined();
    expect(Reflect.get(request, "evil")).toBeUndefined();
    const [block] = request.messages[0]?.content ?? [];
    expect(block?.type === "tool_use" && Reflect.get(block.input, "evil")).toBeUndefined();
  });

  test("any text gives either a request or a ProxyError that names the problem", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(refusal(text).message).toMatch(/^[\w.]+: |^Cannot read the request: /);
      }),
    );
  });

  test("any value for messages gives either a request or a ProxyError", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (content, tools) => {
        const body = JSON.stringify({ ...good, messages: [{ role: "user", content }], tools });
        try {
          readMessagesRequest(bodyOf(body));
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(ProxyError);
        }
      }),
    );
  });
});
