import { describe, expect, test } from "bun:test";
import { quirksNamed } from "../../../src/catalog/choose-quirks.ts";
import type { QuirkChanges } from "../../../src/catalog/quirks.ts";
import { correctQuirks } from "../../../src/upstream/healing/correct-quirks.ts";
import { writeRequest } from "../../../src/upstream/openai-chat/request/write-request.ts";
import { planFor } from "../../support/plans.ts";
import { ask } from "../../support/proxy.ts";
import { findFor, full, openai } from "../../support/refusals.ts";

const bare = {
  ...full,
  messages: [
    { role: "user", content: "a" },
    { role: "assistant", content: null },
  ],
};
const blank = {
  ...full,
  messages: [
    { role: "user", content: "a" },
    { role: "assistant", content: "" },
  ],
};
const learned = (
  message: string,
  body: typeof full | typeof bare = full,
): QuirkChanges | string | undefined => {
  const found = findFor(400, openai(message), body);
  return found?.change === "adopt" ? found.quirks : found?.path;
};

describe("the order of roles", () => {
  test.each([
    "Message with role 'user' cannot directly follow a 'tool' message",
    "invalid message order: tool -> user",
    "A tool message must be followed by an assistant message, not by a user message",
    "Expected role 'assistant' after tool results, got 'user'",
  ])("%s: where there is one after the other", (message) => {
    const messages = [
      { role: "tool", content: "a" },
      { role: "user", content: "b" },
    ];
    expect(learned(message, { ...full, messages })).toMatchObject({ messages: { userAfterTool: false } });
    expect(learned(message, bare)).toBeUndefined();
  });
  test.each([
    "Unexpected role 'user' after role 'tool'",
    "Expected last role User or Tool but got assistant: unexpected role order of messages",
    "Conversation roles must alternate user/assistant/user/assistant/...",
    'roles must alternate between "user" and "assistant"',
    "A user message must not follow a tool message: unexpected role",
  ])("%s", (message) => {
    expect(learned(message)).toMatchObject({ messages: { userAfterTool: false } });
  });

  test("a developer role that is unknown is renamed", () => {
    expect(learned("Unexpected role: developer")).toBe("messages[].role");
  });
});

describe("content of a message with calls alone", () => {
  test.each([
    ["messages.1.content: Input should be a valid string", bare, ""],
    ["invalid type: null, expected a string for content", bare, ""],
    ["messages: text content blocks must be non-empty", blank, " "],
    ["message content cannot be empty", blank, " "],
  ])("%s", (message, body, next) => {
    const quirks = quirksNamed("generic");
    const given =
      next === "" ? quirks : { ...quirks, messages: { ...quirks.messages, emptyAssistantContent: "" } };
    expect(given.messages.emptyAssistantContent).not.toBe(next);
    expect(learned(message, body)).toMatchObject({ messages: { emptyAssistantContent: "" } });
  });
});

test("descriptions are cut, and told in full in the system prompt", () => {
  const found = findFor(
    400,
    openai(
      "Invalid 'tools[0].function.description': string too long. Expected a string with maximum length 1024, but got a string with length 5000 instead.",
      "tools[0].function.description",
      "string_above_max_length",
    ),
    full,
  );
  expect(found).toMatchObject({ quirks: { tools: { maxDescription: 1024 } } });
  const description = "long ".repeat(1000);
  const plan = planFor(ask({ system: "Be kind", tools: [{ name: "Bash", description, input_schema: {} }] }));
  const quirks = correctQuirks(plan.quirks, found ? [found] : []);
  const { messages, tools } = JSON.parse(String(writeRequest({ ...plan, quirks }).body));
  expect(tools[0].function.description).toHaveLength(1024);
  expect(messages[0].content).toContain(description);
});

test.each([
  ["Tool call id was call_abc but must be a-z, A-Z, 0-9, with a length of 9.", "nine"],
  ["messages.1.tool_calls.0.id: String should match pattern '^[a-zA-Z0-9_-]+$', tool_use.id", "short"],
  [
    "Invalid 'messages[2].tool_calls[0].id': string too long. Expected a string with maximum length 40",
    "short",
  ],
])("%s", (message, callIds) => {
  expect(learned(message)).toMatchObject({ tools: { callIds } });
});

test.each([
  ["chat_template is not supported for Mistral tokenizers.", "chat_template_kwargs"],
  ["The value of the enable_thinking parameter is restricted to True.", "enable_thinking"],
  ["MiniMax-M3.1-Flash requires adaptive thinking", "thinking.type"],
  ["The thinking_budget parameter must be a positive integer and not greater than 38912", "thinking_budget"],
])("%s", (message, path) => {
  expect(learned(message)).toBe(path);
});

test("an answer begun gets the mark that the refusal asks for", () => {
  const message =
    "Expected last role User or Tool (or Assistant with prefix True) for serving but got assistant";
  const prefill = { messages: { prefill: "prefix" } };
  expect(learned(message, bare)).toMatchObject(prefill);
  expect(learned(message, { ...full, messages: bare.messages.slice(0, 1) })).not.toMatchObject(prefill);
});

test("DeepSeek: a message with neither content nor calls", () => {
  expect(learned("Invalid assistant message: content or tool_calls must be set", blank)).toMatchObject({
    messages: { emptyAssistantContent: "" },
  });
});
