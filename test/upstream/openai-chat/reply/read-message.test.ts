import { describe, expect, test } from "bun:test";
import { parseJson } from "../../../../src/lib/json.ts";
import type { ReplyEvent } from "../../../../src/reply.ts";
import { readMessage } from "../../../../src/upstream/openai-chat/reply/read-message.ts";
import type { WrittenRequest } from "../../../../src/upstream/protocol.ts";
import { planFor } from "../../../support/plans.ts";
import { ask } from "../../../support/proxy.ts";

const written: WrittenRequest = { body: "", clientToolName: (name) => ({ name }), prefill: "", notes: [] };
function read(body: unknown): ReplyEvent[] {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return readMessage(parseJson(text), text, planFor(ask()), written);
}
const completion = (message: object, finish_reason: string | null = "stop", more: object = {}) => ({
  choices: [{ index: 0, message: { role: "assistant", ...message }, finish_reason }],
  ...more,
});
const kinds = (facts: readonly ReplyEvent[]) => facts.map((fact) => fact.type);

describe("a completion in one piece", () => {
  test("gives text, usage and the finish", () => {
    const usage = { prompt_tokens: 10, completion_tokens: 2, total_tokens: 12 };
    expect(read(completion({ content: "hi" }, "stop", { usage }))).toEqual([
      { type: "text-delta", text: "hi" },
      { type: "usage", usage: { inputTokens: 10, outputTokens: 2, cacheReadTokens: 0, cacheWriteTokens: 0 } },
      { type: "finish", reason: "stop", stopSequence: undefined },
    ]);
  });

  test("gives reasoning, text and calls, in this order", () => {
    const tool_calls = [{ id: "a", type: "function", function: { name: "f", arguments: "{}" } }];
    const message = { reasoning_content: "hm", content: "hi", tool_calls };
    expect(kinds(read(completion(message, "tool_calls")))).toEqual([
      "thinking-delta",
      "text-delta",
      "tool-start",
      "tool-delta",
      "tool-end",
      "finish",
    ]);
  });

  test("may say nothing at all", () => {
    expect(kinds(read(completion({ content: null })))).toEqual(["finish"]);
    expect(kinds(read(completion({ content: null, tool_calls: null }, null)))).toEqual(["finish"]);
  });

  test("may have its content in parts", () => {
    const content = [
      { type: "thinking", thinking: [{ type: "text", text: "hm" }] },
      { type: "text", text: "hi" },
    ];
    expect(kinds(read(completion({ content })))).toEqual(["thinking-delta", "text-delta", "finish"]);
  });
});

test("another body is a failure with the backend's message", () => {
  for (const body of ["", "{}", { choices: [] }, { object: "chat.completion" }, "<html>Login</html>", "[]"]) {
    expect(kinds(read(body))).toEqual(["failure"]);
  }
  expect(read({ error: { message: "Pay first", code: 402 } })).toMatchObject([
    { error: { kind: "billing", message: "Pay first" } },
  ]);
});
