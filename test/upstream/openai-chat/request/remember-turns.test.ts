import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Plan } from "../../../../src/plan/plan.ts";
import { writeRequest } from "../../../../src/upstream/openai-chat/request/write-request.ts";
import { assistant, call, result, text, tool, user } from "../../../support/chat-requests.ts";
import { generatedConversation } from "../../../support/conversations.ts";
import { type PlanChanges, planFor } from "../../../support/plans.ts";
import { ask } from "../../../support/proxy.ts";

type Messages = Plan["request"]["messages"];

const backends: readonly PlanChanges[] = [
  { backend: "generic" },
  { backend: "openai", model: "gpt-5.6" },
  { backend: "mistral" },
  { backend: "deepseek" },
  { backend: "openrouter", model: "anthropic/claude-opus-5" },
  { backend: "openrouter", model: "google/gemini-3-pro" },
];

const parsed = (messages: readonly object[]): Messages => planFor(ask({ messages })).request.messages;

/** What is written for messages that may have been written before, and for equal ones that are new. */
function writeBoth(messages: Messages, backend: PlanChanges, more: object = {}) {
  // Short ones are not remembered.
  const plan = { ...planFor(ask({ ...more }), backend), isLong: true };
  const write = (messages: Messages) => {
    const { body, notes, prefill } = writeRequest({ ...plan, request: { ...plan.request, messages } });
    return { body: JSON.parse(String(body)), notes, prefill };
  };
  return { known: write(messages), fresh: write(structuredClone(messages)) };
}

test("a conversation that grows is written as if none of it were known, for any backend in between", () => {
  fc.assert(
    fc.property(
      generatedConversation(),
      fc.array(fc.constantFrom(...backends), { minLength: 1, maxLength: 3 }),
      fc.array(fc.constantFrom<object>({ type: "enabled", budget_tokens: 1024 }, { type: "disabled" })),
      (conversation, chosen, thinking) => {
        const messages = parsed(conversation.messages);
        for (let length = 1; length <= messages.length; length += 1) {
          const backend = chosen[length % chosen.length] ?? {};
          const more = thinking.length > 0 ? { thinking: thinking[length % thinking.length] } : {};
          const { known, fresh } = writeBoth(messages.slice(0, length), backend, more);
          expect(known).toEqual(fresh);
        }
      },
    ),
  );
});

describe("a known turn is written anew", () => {
  const [asks, calls, answers] = parsed([
    user("a"),
    assistant(text("Let me see"), call("toolu_1"), call("toolu_2")),
    user(result("toolu_1", "x"), result("toolu_2", "y")),
  ]);
  const rest = [asks, calls, answers].flatMap((message) => message ?? []);
  const roles = ({ body }: { body: { messages: { role: string }[] } }) =>
    body.messages.map(({ role }) => role);

  test("after other calls", () => {
    expect(roles(writeBoth(rest, {}).known)).toEqual(["user", "assistant", "tool", "tool"]);
    const [other] = parsed([assistant(call("toolu_1"))]);
    const without = [asks, other, answers].flatMap((message) => message ?? []);
    const { known, fresh } = writeBoth(without, {});
    expect(known).toEqual(fresh);
    expect(roles(known)).toEqual(["user", "assistant", "tool", "user"]);
  });

  test("when its id was used before", () => {
    writeBoth(rest, {});
    const again = [...parsed([user("b"), assistant(call("toolu_1")), user(result("toolu_1", "z"))]), ...rest];
    const { known, fresh } = writeBoth(again, {});
    expect(known).toEqual(fresh);
    const ids = known.body.messages.flatMap((one: { tool_call_id?: string }) => one.tool_call_id ?? []);
    expect(new Set(ids).size).toBe(3);
  });

  test("when it is one of several messages now, or the last one", () => {
    const [first, second, answer] = parsed([user("a"), user("b"), assistant("Sure ")]);
    for (const messages of [[first], [first, second], [first, answer], [first, answer, second]]) {
      const { known, fresh } = writeBoth(
        messages.flatMap((message) => message ?? []),
        {},
      );
      expect(known).toEqual(fresh);
    }
  });

  test("when a tool has another name", () => {
    const strange = parsed([user("a"), assistant(call("toolu_1", "my.tool")), user("b")]);
    const named = (tools: object[]) => {
      const { known, fresh } = writeBoth(strange, {}, { tools });
      expect(known).toEqual(fresh);
      return known.body.messages[1].tool_calls[0].function.name;
    };
    const usual = named([tool("my.tool")]);
    expect(named([tool(usual), tool("my.tool")])).not.toBe(usual);
  });
});

test("what a known turn lost is noted again", () => {
  const messages = parsed([
    user({ type: "container_upload", file_id: "f" }, text("a")),
    assistant("b"),
    user("c"),
  ]);
  writeBoth(messages, {});
  const { known, fresh } = writeBoth(messages, {});
  expect(known.notes).not.toEqual([]);
  expect(known.notes).toEqual(fresh.notes);
});
