import { describe, expect, test } from "bun:test";
import { findBreach } from "../../src/anthropic/request-bounds.ts";

const many = <Item>(count: number, item: Item): Item[] => new Array<Item>(count).fill(item);
const text = { type: "text", text: "x" };
const user = (content: unknown) => ({ role: "user", content });

/** What is found in a body that was read from the shortest JSON. */
const findIn = (body: unknown) => findBreach(body, JSON.stringify(body).length);

const blocks = "messages: All of them together should have at most 100,000 content blocks";

describe("a body beyond a bound", () => {
  const rows: [name: string, body: object, message: string][] = [
    [
      "too many messages",
      { messages: many(100_001, user("x")) },
      "messages: List should have at most 100,000 items",
    ],
    [
      "too many messages that are nothing",
      { messages: many(100_001, 0) },
      "messages: List should have at most 100,000 items",
    ],
    ["too many blocks that are nothing", { messages: [user(many(100_001, 0))] }, blocks],
    ["too many tools", { tools: many(10_001, {}) }, "tools: List should have at most 10,000 items"],
    [
      "too many stop sequences",
      { stop_sequences: many(1001, "x") },
      "stop_sequences: List should have at most 1,000 items",
    ],
    [
      "too many stop sequences that are nothing",
      { stop_sequences: many(1001, 0) },
      "stop_sequences: List should have at most 1,000 items",
    ],
    [
      "stop sequences that are too long",
      { stop_sequences: many(1000, "x".repeat(101)) },
      "stop_sequences: All of them together should have at most 100,000 characters",
    ],
    ["too many blocks in a message", { messages: [user(many(100_001, text))] }, blocks],
    ["too many blocks in all messages", { messages: many(50_001, user([text, text])) }, blocks],
    ["too many blocks in the system prompt", { system: many(100_001, text) }, blocks],
    [
      "too many blocks in results",
      { messages: [user(many(11, { type: "tool_result", content: many(10_000, text) }))] },
      blocks,
    ],
    [
      "too many blocks in documents",
      { messages: [user(many(11, { type: "document", source: { content: many(10_000, text) } }))] },
      blocks,
    ],
    [
      "too many changes of tools",
      { messages: [user(many(11, { type: "compaction", tool_changes: many(10_000, {}) }))] },
      blocks,
    ],
  ];
  for (const [name, body, message] of rows) {
    test(name, () => expect(findIn(body)).toBe(message));
  }
});

describe("a body within the bounds", () => {
  const rows: [name: string, body: unknown][] = [
    [
      "as large as allowed",
      {
        messages: many(100_000, user("x")),
        tools: many(10_000, {}),
        stop_sequences: many(1000, "x".repeat(100)),
      },
    ],
    ["as many blocks as allowed", { messages: [user(many(99_000, text))], system: many(1000, text) }],
    ["of other types", { messages: "x", tools: 7, stop_sequences: null, system: "x".repeat(200_000) }],
    ["no object", []],
  ];
  for (const [name, body] of rows) test(name, () => expect(findIn(body)).toBeUndefined());
});
