import { describe, expect, test } from "bun:test";
import { quirksNamed } from "../../../src/catalog/choose-quirks.ts";
import type { QuirkChanges } from "../../../src/catalog/quirks.ts";
import type { JsonObject } from "../../../src/lib/json.ts";
import { correctQuirks } from "../../../src/upstream/healing/correct-quirks.ts";
import { findCorrection } from "../../../src/upstream/healing/find-correction.ts";
import { writeRequest } from "../../../src/upstream/openai-chat/request/write-request.ts";
import { readError } from "../../../src/upstream/refusal/read-error.ts";
import { planFor } from "../../support/plans.ts";
import { ask } from "../../support/proxy.ts";
import { findFor, full, openai, written } from "../../support/refusals.ts";

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

test("DeepSeek's words about a message with neither content nor calls ask for an empty content", () => {
  expect(learned("Invalid assistant message: content or tool_calls must be set", blank)).toMatchObject({
    messages: { emptyAssistantContent: "" },
  });
});

describe("reasoning that has to come back", () => {
  const every = { reasoning: { replay: "reasoning_content", required: "every-turn", fill: "" } } as const;
  test.each([
    "The reasoning_content in the thinking mode must be passed back to the API.",
    "thinking is enabled but reasoning_content is missing in assistant tool call message at index 2",
    "Missing `reasoning_content` field in the assistant message at message index 2",
  ])("%s", (message) => {
    expect(learned(message)).toEqual(every);
  });

  test.each(["reasoning_content must not be sent back", "reasoning_content is not supported"])(
    "not %s",
    (message) => {
      expect(learned(message)).toBe("messages[].reasoning_content");
    },
  );

  test("first as an empty text, then as a space", () => {
    const plan = planFor(
      ask({
        messages: [
          { role: "user", content: "Hi" },
          { role: "assistant", content: "Hello" },
          { role: "user", content: "Go on" },
        ],
      }),
    );
    const message = "reasoning_content is missing in assistant message at index 1";
    let { quirks } = plan;
    const sent = ["", " "].map(() => {
      const found = findCorrection(
        readError(400, new Headers(), JSON.stringify(openai(message)), plan),
        { ...plan, quirks },
        writeRequest({ ...plan, quirks }),
      );
      quirks = correctQuirks(quirks, found ? [found] : []);
      return JSON.parse(String(writeRequest({ ...plan, quirks }).body)).messages[1].reasoning_content;
    });
    expect(sent).toEqual(["", " "]);
  });
});

test("calls of other models are signed where signatures are asked for", () => {
  const message = "Function call is missing a thought_signature in functionCall parts";
  expect(learned(message)).toEqual({ reasoning: { replay: "thought-signature" } });
});

describe("too many tools", () => {
  const many = { ...full, tools: Array.from({ length: 130 }, () => full.tools[0] ?? {}) };
  const limit = (message: string, body = many) => {
    const found = findFor(400, openai(message), body);
    return found?.change === "adopt" ? found.quirks.tools?.max : undefined;
  };
  test.each([
    "Invalid 'tools': array too long. Expected an array with maximum length 128, but got an array with length 130 instead.",
    "'tools' : maximum number of items is 128",
    "tools: List should have at most 128 items after validation, not 130",
    "Too many tools: at most 128 are allowed",
    "The number of functions exceeds the limit of 128",
  ])("%s", (message) => {
    expect(limit(message)).toBe(128);
    expect(limit(message, full)).toBeUndefined();
  });

  test("a limit of something else is not one of tools", () => {
    expect(limit("Invalid 'tools[17].function.name': string too long. Expected at most 64")).toBeUndefined();
  });
});

describe("images in results", () => {
  const parts = [{ type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } }];
  const messages = [
    { role: "user", content: "Look" },
    { role: "assistant", content: null, tool_calls: [] },
    { role: "tool", tool_call_id: "a", content: parts },
  ];
  const inPlace = planFor(ask(), { backend: "openrouter" });
  const move = (message: string, param: string | null, body: JsonObject) => {
    const error = readError(400, new Headers(), JSON.stringify(openai(message, param)), inPlace);
    const found = findCorrection(error, inPlace, written(body));
    return found?.change === "adopt" ? found.quirks : undefined;
  };
  test.each<[string, string | null]>([
    [
      "Invalid 'messages[2]'. Image URLs are only allowed for messages with role 'user', but this message with role 'tool' contains an image URL.",
      null,
    ],
    ["Input should be a valid string", "messages.2.content"],
    ["tool message content must be a string", null],
  ])("%s", (message, param) => {
    expect(move(message, param, { ...full, messages })).toEqual({ media: { toolResultImages: "after" } });
    expect(move(message, param, full)).toBeUndefined();
  });
});
