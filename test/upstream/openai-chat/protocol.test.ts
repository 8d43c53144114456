import { expect, test } from "bun:test";
import { openaiChat } from "../../../src/upstream/openai-chat/protocol.ts";
import { planFor } from "../../support/plans.ts";
import { ask } from "../../support/proxy.ts";

const chunk = (delta: object) => ({
  event: "",
  data: JSON.stringify({ choices: [{ index: 0, delta, finish_reason: null }] }),
});

test("a stream is filtered, and done when a filter ends it", () => {
  const plan = planFor(ask({ stop_sequences: ["END"] }));
  const reader = openaiChat.createReader(plan, openaiChat.writeRequest(plan, []));
  expect(reader.push(chunk({ content: "a " }))).toEqual([{ type: "text-delta", text: "a " }]);
  expect(reader.state).toBe("reading");
  expect(reader.push(chunk({ content: "END b" }))).toEqual([
    { type: "finish", reason: "stop-sequence", stopSequence: "END" },
  ]);
  expect(reader.state).toBe("done");
  expect(reader.end()).toEqual([]);
});

test("an answer in one piece is filtered alike", () => {
  const plan = planFor(ask({ stop_sequences: ["END"] }));
  const body = JSON.stringify({ choices: [{ message: { content: "a END b" }, finish_reason: "stop" }] });
  const events = openaiChat.readMessage(body, plan, openaiChat.writeRequest(plan, []));
  expect(events.map((event) => (event.type === "text-delta" ? event.text : event.type))).toEqual([
    "a ",
    "finish",
  ]);
});

test("without promises to keep, everything passes", () => {
  const plan = planFor(ask());
  const reader = openaiChat.createReader(plan, openaiChat.writeRequest(plan, []));
  expect(reader.push(chunk({ content: "a END b" }))).toEqual([{ type: "text-delta", text: "a END b" }]);
});
