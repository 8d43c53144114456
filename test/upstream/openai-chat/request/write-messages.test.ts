/** What holds for every conversation, and for the cache marks that move through it. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { writeRequest } from "../../../../src/upstream/openai-chat/request/write-request.ts";
import type { ChatMessage, ChatRequest } from "../../../../src/upstream/openai-chat/wire.ts";
import { findViolation } from "../../../support/openai-rules.ts";
import { type PlanChanges, planFor } from "../../../support/plans.ts";
import { ask } from "../../../support/proxy.ts";

type Message = { role: "user" | "assistant" | "system"; content: object[] };

const claude: PlanChanges = { backend: "openrouter", model: "anthropic/claude-opus-5" };
const backends: readonly PlanChanges[] = [
  { backend: "generic" },
  { backend: "openai", model: "gpt-5.4" },
  { backend: "mistral" },
  { backend: "openrouter" },
  { backend: "qwen" },
  claude,
];

function write(messages: readonly object[], backend: PlanChanges): ChatRequest {
  return JSON.parse(writeRequest(planFor(ask({ messages }), backend)).body);
}

const marked = { cache_control: { type: "ephemeral" } };
const text = (text: string, more: object = {}) => ({ type: "text", text, ...more });
const image = {
  type: "image",
  source: { type: "base64", media_type: "image/png", data: "iVBORw0KGgoAAAA=" },
};
const call = (id: string) => ({ type: "tool_use", id, name: "Read", input: {} });
const result = (tool_use_id: string, content: unknown, more: object = {}) => ({
  type: "tool_result",
  tool_use_id,
  content,
  ...more,
});

/** The reply to one assistant turn: which of its calls are answered, in which order, and what else was said. */
const exchange = fc.record({
  texts: fc.nat(2),
  ids: fc.constantFrom("toolu_", "functions.read:", `call_${"x".repeat(40)}`),
  /** For each call, whether its result is there, with a picture, or missing. */
  calls: fc.array(fc.constantFrom("text", "picture", "none"), { maxLength: 3 }),
  isReversed: fc.boolean(),
  hasOrphan: fc.boolean(),
  after: fc.array(fc.constantFrom<"user" | "system" | "split">("user", "system", "split"), { maxLength: 3 }),
  isMarked: fc.boolean(),
});

/** A conversation in which every text is a word of its own. */
const conversation = fc.array(exchange, { minLength: 1, maxLength: 6 }).map((exchanges) => {
  let words = 0;
  const word = () => `word${words++};`;
  const messages: Message[] = [{ role: "user", content: [text(word())] }];
  for (const [n, { texts, ids, calls, isReversed, hasOrphan, after, isMarked }] of exchanges.entries()) {
    const mark = isMarked ? marked : {};
    const id = (c: number) => `${ids}${n}_${c}`;
    messages.push({
      role: "assistant",
      content: [
        ...Array.from({ length: Math.max(texts, calls.length === 0 ? 1 : 0) }, () => text(word())),
        ...calls.map((_, c) => call(id(c))),
      ],
    });
    const results = calls.flatMap((kind, c) =>
      kind === "none" ? [] : [result(id(c), [text(word()), ...(kind === "picture" ? [image] : [])], mark)],
    );
    if (isReversed) results.reverse();
    if (hasOrphan) results.push(result(`lost_${n}`, word()));
    let last: Message = { role: "user", content: results };
    messages.push(last);
    for (const kind of after) {
      if (kind !== "user") {
        last = { role: kind === "system" ? "system" : "user", content: [] };
        messages.push(last);
      }
      last.content.push(text(word(), mark));
    }
  }
  return { messages, words };
});

/** Marks move; what they stand on must not. */
function withoutMarks(messages: readonly ChatMessage[]): unknown[] {
  const dropMark = (key: string, value: unknown) => (key === "cache_control" ? undefined : value);
  return messages.map((message) => JSON.parse(JSON.stringify(message, dropMark)));
}

describe.each(backends)("every conversation, for %j", (backend) => {
  test("is valid for OpenAI, except for extensions of the backend", () => {
    fc.assert(
      fc.property(conversation, ({ messages }) => {
        const { messages: sent } = write(messages, backend);
        const flat = backend.backend === "openrouter" ? sent.map(withPlainResult) : sent;
        expect(findViolation({ model: "m", messages: flat }, ["cache_control"])).toBeUndefined();
      }),
    );
  });

  test("arrives complete, each word once", () => {
    fc.assert(
      fc.property(conversation, ({ messages, words }) => {
        const sent = JSON.stringify(write(messages, backend).messages).match(/word\d+;/g) ?? [];
        expect(new Set(sent).size).toBe(words);
        expect(sent).toHaveLength(words);
      }),
    );
  });

  test("starts with the messages that were sent before each answer", () => {
    fc.assert(
      fc.property(conversation, ({ messages }) => {
        const whole = withoutMarks(write(messages, backend).messages);
        for (const [at, { role }] of messages.entries()) {
          if (role !== "assistant") continue;
          const before = withoutMarks(write(messages.slice(0, at), backend).messages);
          expect(whole.slice(0, before.length)).toEqual(before);
        }
      }),
    );
  });
});

/** OpenRouter takes pictures in tool messages, which OpenAI refuses. */
function withPlainResult(message: ChatMessage): ChatMessage {
  return message.role === "tool" ? { ...message, content: "x" } : message;
}

describe("cache marks", () => {
  const tail = (list: object[], backend = claude) => write(list, backend).messages.at(-1);

  test("of a result, of a reminder after it and of an image's neighbour stay in place", () => {
    const asked = [
      { role: "user", content: "a" },
      { role: "assistant", content: [call("t1")] },
    ];
    expect(tail([...asked, { role: "user", content: [result("t1", "x", marked)] }])).toEqual({
      role: "tool",
      tool_call_id: "t1",
      content: [{ type: "text", text: "x", cache_control: { type: "ephemeral" } }],
    });
    expect(
      tail([
        ...asked,
        { role: "user", content: [result("t1", "x")] },
        { role: "system", content: [text("rule", marked)] },
      ]),
    ).toEqual({
      role: "tool",
      tool_call_id: "t1",
      content: [
        { type: "text", text: "x" },
        {
          type: "text",
          text: "<system-reminder>\nrule\n</system-reminder>",
          cache_control: { type: "ephemeral" },
        },
      ],
    });
    expect(
      tail([...asked, { role: "user", content: [result("t1", [text("x"), image], marked)] }]),
    ).toMatchObject({
      content: [{ type: "text", cache_control: { type: "ephemeral" } }, { type: "image_url" }],
    });
  });

  test("are left out where the backend knows none", () => {
    const list = [
      { role: "user", content: [text("a", marked)] },
      { role: "assistant", content: [call("t1")] },
      { role: "user", content: [result("t1", "x", marked)] },
      { role: "system", content: [text("rule", marked)] },
    ];
    expect(JSON.stringify(write(list, { backend: "generic" }))).not.toContain("cache_control");
  });
});

test("a reminder joins a tool message with an image instead of becoming a user message", () => {
  const list = [
    { role: "user", content: "a" },
    { role: "assistant", content: [call("t1")] },
    { role: "user", content: [result("t1", [image])] },
    { role: "system", content: "rule" },
  ];
  const sent = write(list, { backend: "openrouter" }).messages;
  expect(sent.map(({ role }) => role)).toEqual(["user", "assistant", "tool"]);
  expect(sent.at(-1)?.content).toHaveLength(2);
});
