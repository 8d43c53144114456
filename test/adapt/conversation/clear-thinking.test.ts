import { expect, test } from "bun:test";
import { clearThinking } from "../../../src/adapt/conversation/clear-thinking.ts";
import { readMessagesRequest } from "../../../src/anthropic/read-request.ts";
import { bodyOf } from "../../support/bodies.ts";
import { ask } from "../../support/proxy.ts";

const turn = (n: number) => [
  { role: "user", content: `question ${n}` },
  {
    role: "assistant",
    content: [
      { type: "thinking", thinking: `why ${n}` },
      { type: "tool_use", id: `t${n}`, name: "f", input: {} },
    ],
  },
  { role: "user", content: [{ type: "tool_result", tool_use_id: `t${n}`, content: "r" }] },
  {
    role: "assistant",
    content: [
      { type: "redacted_thinking", data: `sealed ${n}` },
      { type: "text", text: "a" },
    ],
  },
];
const { messages } = readMessagesRequest(
  bodyOf(JSON.stringify(ask({ messages: [...turn(1), ...turn(2), { role: "user", content: "next" }] }))),
);
const type = "clear_thinking_20251015";

test("a turn keeps or loses all of its reasoning, tool calls included", () => {
  const cleared = clearThinking(messages, { type });
  expect(cleared?.applied).toMatchObject({ type, cleared_thinking_turns: 1 });
  const left = JSON.stringify(cleared?.messages);
  expect([left.includes("why 1"), left.includes("sealed 1")]).toEqual([false, false]);
  expect([left.includes("why 2"), left.includes("sealed 2")]).toEqual([true, true]);
});

test("keep says how many turns; none is cleared if all are kept", () => {
  expect(clearThinking(messages, { type, keep: "all" })).toBeUndefined();
  expect(clearThinking(messages, { type, keep: { type: "all" } })).toBeUndefined();
  expect(clearThinking(messages, { type, keep: { type: "thinking_turns", value: 2 } })).toBeUndefined();
  const none = clearThinking(messages, { type, keep: { type: "thinking_turns", value: 0 } });
  expect(none?.applied).toMatchObject({ cleared_thinking_turns: 2 });
});
