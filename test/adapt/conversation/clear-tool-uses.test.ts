import { expect, test } from "bun:test";
import { clearToolUses } from "../../../src/adapt/conversation/clear-tool-uses.ts";
import { readMessagesRequest } from "../../../src/anthropic/read-request.ts";
import { bodyOf } from "../../support/bodies.ts";
import { ask } from "../../support/proxy.ts";

const long = "many words in a result ".repeat(40);
const call = (n: number, name = "read") => [
  { role: "assistant", content: [{ type: "tool_use", id: `t${n}`, name, input: { path: `/file${n}` } }] },
  { role: "user", content: [{ type: "tool_result", tool_use_id: `t${n}`, content: long }] },
];
const type = "clear_tool_uses_20250919" as const;
const keep = { type: "tool_uses" as const, value: 1 };
const trigger = { type: "input_tokens" as const, value: 500 };

function clear(calls: object[][], edit: object = {}) {
  const request = readMessagesRequest(
    bodyOf(JSON.stringify(ask({ messages: [{ role: "user", content: "go" }, ...calls.flat()] }))),
  );
  return clearToolUses(request.messages, { type, trigger, keep, ...edit }, request);
}

test("below the trigger nothing is cleared, nor if it would not free enough", () => {
  const five = [1, 2, 3, 4, 5].map((n) => call(n));
  expect(clear([call(1)])).toBeUndefined();
  expect(clear(five, { trigger: undefined })).toBeUndefined();
  expect(clear(five, { clear_at_least: { type: "input_tokens", value: 1e6 } })).toBeUndefined();
});

test("calls of excluded tools stay; inputs go only if that is asked for", () => {
  const calls = [call(1, "keep_me"), call(2), call(3), call(4)];
  const plain = JSON.stringify(clear(calls, { exclude_tools: ["keep_me"] })?.messages);
  expect(plain).toContain("/file2");
  expect(plain.split("was cleared").length).toBeGreaterThan(1);
  const first = clear(calls, { exclude_tools: ["keep_me"], clear_tool_inputs: true })?.messages ?? [];
  expect(JSON.stringify(first)).not.toContain("/file2");
  expect(JSON.stringify(first.slice(0, 3))).toContain(long);
});

test("a longer conversation repeats the decisions of the shorter one until the trigger is reached again", () => {
  const all = Array.from({ length: 30 }, (_, n) => call(n));
  let changes = 0;
  let before = 0;
  for (let n = 1; n <= all.length; n += 1) {
    const cleared = clear(all.slice(0, n), { trigger: { ...trigger, value: 2500 } })?.applied;
    const count = cleared?.type === type ? cleared.cleared_tool_uses : 0;
    expect(count).toBeLessThan(n);
    expect(count).toBeGreaterThanOrEqual(before);
    if (count !== before) changes += 1;
    before = count;
  }
  expect(changes).toBeGreaterThan(1);
  expect(changes).toBeLessThan(6);
});
