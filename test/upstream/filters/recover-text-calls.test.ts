import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { ReplyEvent } from "../../../src/reply.ts";
import { createTextCalls } from "../../../src/upstream/filters/recover-text-calls.ts";
import type { TextTool } from "../../../src/upstream/tools/parse-text-calls.ts";
import { talk, tools, written } from "../../fixtures/text-calls/text-calls.ts";
import { callOf, finished, said, used } from "../../support/reply-events.ts";

function findTool(name: string): TextTool | undefined {
  const tool = tools.find((one) => one.name === name.replace(/^functions\.|:\d+$/g, ""));
  return tool && { name: tool.name, toolset: undefined, schema: { ...tool.input_schema } };
}

type Read = { text: string; calls: { name: string; input: unknown }[]; others: ReplyEvent[] };

function read(events: readonly (readonly ReplyEvent[])[]): Read {
  const filter = createTextCalls(findTool);
  const out: Read = { text: "", calls: [], others: [] };
  for (const event of events.flatMap((batch) => filter.push([...batch]))) {
    if (event.type === "text-delta") out.text += event.text;
    else if (event.type === "tool-delta")
      out.calls[event.lane] = { name: out.calls[event.lane]?.name ?? "", input: JSON.parse(event.json) };
    else if (event.type === "tool-start") out.calls[event.lane] = { name: event.name, input: undefined };
    else if (event.type !== "tool-end") out.others.push(event);
  }
  return out;
}

/** The text in pieces of the given length, and a natural end. */
const answer = (text: string, size: number) => [
  ...Array.from({ length: Math.ceil(text.length / size) }, (_, at) => [
    said(text.slice(at * size, (at + 1) * size)),
  ]),
  [used],
  [finished],
];

describe("calls that a model wrote as text are made", () => {
  for (const [name, text, calls, before = ""] of written)
    test(name, () => {
      for (const size of [1, 2, 5, 11, text.length])
        expect(read(answer(text, size))).toEqual({
          text: before,
          calls: [...calls],
          others: [used, finished],
        });
    });
});

describe("an answer that talks about calls stays text", () => {
  for (const text of talk)
    test(JSON.stringify(text), () => {
      for (const size of [1, 2, 5, 11, text.length])
        expect(read(answer(text, size))).toEqual({ text, calls: [], others: [used, finished] });
    });
});

test("pieces of any size give the same, and no text is lost or told twice", () => {
  const fragment = fc.oneof(
    fc.constantFrom(...written.map(([, text]) => text), ...talk),
    fc.constantFrom("\n", "```\n", "<", "{", "[", "<tool_call>", "</tool_call>", "ls", ": ", '"'),
    fc.string({ maxLength: 12 }),
  );
  const texts = fc.array(fragment, { maxLength: 8 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(texts, fc.integer({ min: 1, max: 40 }), (text, size) => {
      const whole = read(answer(text, Math.max(1, text.length)));
      expect(read(answer(text, size))).toEqual(whole);
      expect(text.startsWith(whole.text)).toBe(true);
      if (whole.calls.length === 0) expect(whole.text).toBe(text);
    }),
    { numRuns: 500 },
  );
});

const [, call = ""] = written[0] ?? [];

test("nothing is recovered beside real calls, from a cut answer, or before something else", () => {
  const ends: ReplyEvent[][] = [
    [...callOf(0), finished],
    [{ type: "finish", reason: "max-tokens" }],
    [{ type: "thinking-delta", text: "Hm" }, finished],
  ];
  for (const end of ends) {
    const { text, calls } = read([[said(call)], end]);
    expect(text).toBe(call);
    expect(calls.length).toBe(end.length > 2 ? 1 : 0);
  }
  expect(read([callOf(0), [said(call), finished]]).text).toBe(call);
});

test("state of reasoning that comes behind a call goes before it", () => {
  const carrier: ReplyEvent = { type: "thinking-carrier", carrier: "c" };
  const filter = createTextCalls(findTool);
  const events = [[said(call)], [carrier, finished]].flatMap((batch) => filter.push(batch));
  expect(events.map(({ type }) => type)).toEqual([
    "thinking-carrier",
    "tool-start",
    "tool-delta",
    "tool-end",
    "finish",
  ]);
});

test("state of reasoning that comes behind what was no call stays before the next reasoning", () => {
  const carrier: ReplyEvent = { type: "thinking-carrier", carrier: "c" };
  const thought: ReplyEvent = { type: "thinking-delta", text: "Hm" };
  const filter = createTextCalls(findTool);
  const batches = [[said("\n<tool_call>")], [carrier], [said("(")], [thought], [finished]];
  expect(batches.flatMap((batch) => filter.push(batch)).slice(-3)).toEqual([carrier, thought, finished]);
});

test("a usual text passes as it comes, in the same batch", () => {
  const filter = createTextCalls(findTool);
  filter.push([said("a")]);
  const batch = [said(" usual text")];
  expect(filter.push(batch)).toEqual(batch);
});

test("a hostile text takes linear time", () => {
  const filter = createTextCalls(findTool);
  for (let i = 0; i < 20_000; i++) filter.push([said('<tool_call>{"name":"Bash","arguments":{"command":"')]);
  for (let i = 0; i < 100_000; i++) filter.push([said("\n<tool_call>")]);
  expect(filter.push([finished]).at(-1)).toEqual(finished);
});
