/** Properties of every conversation. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { ChatMessage } from "../../../../src/upstream/openai-chat/wire.ts";
import { messagesFor } from "../../../support/chat-requests.ts";
import { generatedConversation } from "../../../support/conversations.ts";
import { findViolation } from "../../../support/openai-rules.ts";
import type { PlanChanges } from "../../../support/plans.ts";

const conversation = generatedConversation();

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
