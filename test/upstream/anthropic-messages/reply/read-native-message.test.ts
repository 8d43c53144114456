import { expect, test } from "bun:test";
import { parseJson } from "../../../../src/lib/json.ts";
import type { Plan } from "../../../../src/plan/plan.ts";
import { readNativeMessage } from "../../../../src/upstream/anthropic-messages/reply/read-native-message.ts";
import { called, said, thought } from "../../../support/fake-anthropic.ts";
import { nativePlan } from "../../../support/native-plans.ts";
import { ask } from "../../../support/proxy.ts";

const content = [thought("I look"), said("Hello"), called("toolu_1", "Read", { path: "a" })];
const message = (model: string) =>
  `{ "model" : ${JSON.stringify(model)}, "type":"message", "content": ${JSON.stringify(content)}, "stop_reason":"tool_use", "usage":{"input_tokens":3,"output_tokens":4}}`;

const read = (body: string, plan: Plan) => readNativeMessage(parseJson(body), body, plan);

test("a message passes, with the client's name of the model", () => {
  const plan = nativePlan(ask(), { model: "claude-other" });
  const facts = read(message("claude-other"), plan);
  const passed = facts.find((fact) => fact.type === "passed");
  expect(Buffer.from(passed?.bytes ?? []).toString()).toBe(message(plan.request.model));
  expect(facts.map(({ type }) => type)).toEqual(["passed", "usage", "finish"]);
});

test("a client that wants a stream gets the facts", () => {
  const facts = read(message("m"), nativePlan(ask({ stream: true })));
  expect(facts.map(({ type }) => type)).toEqual([
    "thinking-delta",
    "thinking-carrier",
    "text-delta",
    "tool-start",
    "tool-delta",
    "tool-end",
    "usage",
    "finish",
  ]);
});

test("an answer to the proxy's own question is read", () => {
  const facts = read(message("m"), nativePlan(ask(), { original: undefined }));
  expect(facts).toContainEqual({ type: "text-delta", text: "Hello" });
});

test.each(['{"type":"error","error":{"type":"overloaded_error","message":"Busy"}}', "no JSON"])(
  "%s is a failure",
  (body) => {
    expect(read(body, nativePlan())).toMatchObject([{ type: "failure" }]);
  },
);
