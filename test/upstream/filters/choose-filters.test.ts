import { expect, test } from "bun:test";
import {
  createReplyFilter,
  filterReader,
  filterReply,
  stopsOf,
} from "../../../src/upstream/filters/choose-filters.ts";
import { openaiChat } from "../../../src/upstream/openai-chat/protocol.ts";
import { planFor } from "../../support/plans.ts";
import { ask } from "../../support/proxy.ts";
import { callOf, finished, said } from "../../support/reply-events.ts";

const clientToolName = (name: string) => ({ name });
const filterFor = (body: Record<string, unknown>) => createReplyFilter(planFor(ask(body)), clientToolName);
const format = { type: "json_schema", schema: { type: "object" } };
const serial = {
  tools: [{ name: "t", input_schema: { type: "object" } }],
  tool_choice: { type: "auto", disable_parallel_tool_use: true },
};

test("blank stop sequences are not enforced", () => {
  expect(stopsOf(planFor(ask({ stop_sequences: ["END", " \n", ""] })))).toEqual(["END"]);
  expect(stopsOf(planFor(ask()))).toEqual([]);
});

test("a request without promises to keep has no filter", () => {
  expect(filterFor({ stop_sequences: [" "] })).toBeUndefined();
});

test("each promise has its filter", () => {
  expect(filterFor({ stop_sequences: ["END"] })?.push([said("a END b")])[0]).toEqual(said("a "));
  for (const asked of [{ output_config: { format } }, { output_format: format }])
    expect(filterFor(asked)?.push([said("```json\n[1]\n```"), finished])).toContainEqual(said("[1]"));
  expect(filterFor(serial)?.push([...callOf(0), ...callOf(1)])).toEqual(callOf(0));
});

test("calls written as text are recovered where tools are offered, may be called, and no JSON is asked for", () => {
  const { tools } = serial;
  const answer = [said('<tool_call>{"name":"t","arguments":{}}</tool_call>'), finished];
  const kinds = (body: Record<string, unknown>) =>
    filterFor(body)
      ?.push(answer)
      .map(({ type }) => type);
  expect(kinds({ tools })).toEqual(["tool-start", "tool-delta", "tool-end", "finish"]);
  expect(kinds({})).toBeUndefined();
  expect(kinds({ tools, tool_choice: { type: "none" } })).toBeUndefined();
  expect(kinds({ tools, output_format: format })).toEqual(["text-delta", "finish"]);
});

test("filters work one after the other, and any of them may end the reply", () => {
  const filter = filterFor({ ...serial, stop_sequences: ["END"] });
  expect(filter?.push([...callOf(0), ...callOf(1)])).toEqual(callOf(0));
  expect(filter?.isOver).toBe(false);
  filter?.push([said("END")]);
  expect(filter?.isOver).toBe(true);
});

const chunk = (delta: object) => ({
  event: "",
  data: JSON.stringify({ choices: [{ index: 0, delta, finish_reason: null }] }),
});

test("a stream is filtered, and done when a filter ends it", () => {
  const plan = planFor(ask({ stop_sequences: ["END"] }));
  const reader = filterReader(
    openaiChat.createReader(plan, openaiChat.writeRequest(plan, [])),
    plan,
    clientToolName,
  );
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
  const events = filterReply(
    openaiChat.readMessage(JSON.parse(body), body, plan, openaiChat.writeRequest(plan, [])),
    plan,
    clientToolName,
  );
  expect(events.map((event) => (event.type === "text-delta" ? event.text : event.type))).toEqual([
    "a ",
    "finish",
  ]);
});

test("without promises to keep, everything passes", () => {
  const plan = planFor(ask());
  const reader = filterReader(
    openaiChat.createReader(plan, openaiChat.writeRequest(plan, [])),
    plan,
    clientToolName,
  );
  expect(reader.push(chunk({ content: "a END b" }))).toEqual([{ type: "text-delta", text: "a END b" }]);
});
