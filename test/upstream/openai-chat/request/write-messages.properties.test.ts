/** Properties of every conversation. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { ChatMessage } from "../../../../src/upstream/openai-chat/wire.ts";
import { call, image, marked, messagesFor, result, text } from "../../../support/chat-requests.ts";
import { findViolation } from "../../../support/openai-rules.ts";
import type { PlanChanges } from "../../../support/plans.ts";

type Message = { role: "user" | "assistant" | "system"; content: object[] };

const claude: PlanChanges = { backend: "openrouter", model: "anthropic/claude-opus-5" };
const backends: readonly PlanChanges[] = [
  { backend: "generic" },
  { backend: "openai", model: "gpt-5.4" },
  { backend: "mistral" },
  { backend: "openrouter" },
  { backend: "qwen" },
  { backend: "vllm", model: "mistralai/Devstral-Small-2" },
  claude,
];
const exchange = fc.record({
  texts: fc.nat(2),
  ids: fc.constantFrom("toolu_", "functions.read:", `call_${"x".repeat(40)}`),
  /** For each call, whether its result is there, with an image, or missing. */
  calls: fc.array(fc.constantFrom("text", "picture", "none"), { maxLength: 3 }),
  isReversed: fc.boolean(),
  hasOrphan: fc.boolean(),
  after: fc.array(fc.constantFrom<"user" | "system" | "split">("user", "system", "split"), { maxLength: 3 }),
  isMarked: fc.boolean(),
});

/** A conversation in which every text is a different word. */
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

/** Marks move; the messages that carry them must not change. */
function withoutMarks(messages: readonly ChatMessage[]): unknown[] {
  const dropMark = (key: string, value: unknown) => (key === "cache_control" ? undefined : value);
  return messages.map((message) => JSON.parse(JSON.stringify(message, dropMark)));
}

describe.each(backends)("every conversation, for %j", (backend) => {
  test("is valid for OpenAI, except for extensions of the backend", () => {
    fc.assert(
      fc.property(conversation, ({ messages }) => {
        const sent = messagesFor(messages, backend);
        const flat = backend.backend === "openrouter" ? sent.map(withPlainResult) : sent;
        expect(findViolation({ model: "m", messages: flat }, ["cache_control"])).toBeUndefined();
      }),
    );
  });

  test("arrives complete, each word once", () => {
    fc.assert(
      fc.property(conversation, ({ messages, words }) => {
        const sent = JSON.stringify(messagesFor(messages, backend)).match(/word\d+;/g) ?? [];
        expect(new Set(sent).size).toBe(words);
        expect(sent).toHaveLength(words);
      }),
    );
  });

  test("starts with the messages that were sent before each answer", () => {
    fc.assert(
      fc.property(conversation, ({ messages }) => {
        const whole = withoutMarks(messagesFor(messages, backend));
        for (const [at, { role }] of messages.entries()) {
          if (role !== "assistant") continue;
          const before = withoutMarks(messagesFor(messages.slice(0, at), backend));
          expect(whole.slice(0, before.length)).toEqual(before);
        }
      }),
    );
  });
});

/** OpenRouter accepts images in tool messages, which OpenAI refuses. */
function withPlainResult(message: ChatMessage): ChatMessage {
  return message.role === "tool" ? { ...message, content: "x" } : message;
}

test("every conversation is in the order of roles that Mistral's tokenizer knows, and ends as before", () => {
  const next: Readonly<Record<string, readonly string[]>> = {
    system: ["user", "assistant"],
    user: ["assistant"],
    assistant: ["user", "tool"],
    tool: ["assistant", "tool"],
  };
  const ordered: PlanChanges[] = [
    { backend: "mistral" },
    { backend: "vllm", model: "mistralai/Mistral-Small-3.2" },
    { backend: "generic", model: "my-codestral" },
  ];
  fc.assert(
    fc.property(conversation, fc.constantFrom(...ordered), ({ messages, words }, backend) => {
      const roles = messagesFor(messages, backend).map(({ role }) => role);
      for (const [at, role] of roles.entries()) if (at > 0) expect(next[roles[at - 1] ?? ""]).toContain(role);
      const said = JSON.stringify(messagesFor(messages, backend));
      for (let word = 0; word < words; word += 1) expect(said).toContain(`word${word};`);
    }),
  );
});
