/**
 * The scaling sweep: every filter, reader and writer, with every shape of input, at two sizes. Twice the input may take
 * about twice the time; whatever looks at its input again takes four times.
 */
import { createArgumentGuard } from "../../src/anthropic/guard-arguments.ts";
import { MessageFold } from "../../src/anthropic/write-message.ts";
import { SseDecoder } from "../../src/lib/decode-sse.ts";
import type { ReplyEvent } from "../../src/reply.ts";
import { createStopSequences, type ReplyFilter } from "../../src/upstream/filters/apply-stop-sequences.ts";
import { createFirstCall } from "../../src/upstream/filters/keep-first-call.ts";
import { createJsonFences } from "../../src/upstream/filters/strip-json-fences.ts";
import { openaiChat } from "../../src/upstream/openai-chat/protocol.ts";
import { ToolCallReader } from "../../src/upstream/openai-chat/reply/read-tool-calls.ts";
import { ThinkTagSplitter } from "../../src/upstream/reasoning/split-think-tags.ts";
import { createTestWriter } from "../../test/support/answers.ts";
import { planFor } from "../../test/support/plans.ts";
import { ask } from "../../test/support/proxy.ts";
import { type Attack, must } from "./attack.ts";

/** One piece of text again and again, after a beginning. */
type Shape = { readonly name: string; readonly begin: string; readonly piece: string };

const shapes: readonly Shape[] = [
  { name: "letters", begin: "", piece: "x" },
  { name: "white space", begin: "", piece: " " },
  { name: "newlines", begin: "", piece: "\n" },
  { name: "newlines in a fence", begin: "```json\n", piece: "\n" },
  { name: "backticks", begin: "", piece: "`" },
  { name: "fences", begin: "", piece: "```json\n" },
  { name: "tags", begin: "", piece: "<think>" },
  { name: "halves of tags", begin: "<think>", piece: "</thin" },
  { name: "halves of stops", begin: "", piece: "STO" },
  { name: "quotes", begin: '{"a":"', piece: '\\"' },
  { name: "brackets", begin: '{"a":[', piece: "[]," },
  { name: "braces", begin: "", piece: "{}" },
  { name: "digits", begin: '{"a":', piece: "1" },
  { name: "keys", begin: "{", piece: '"a":1,' },
];

const plan = planFor(ask());
const written = openaiChat.writeRequest(plan, []);
const utf8 = new TextEncoder();
const delta = (fields: object) => ({
  event: "",
  data: JSON.stringify({ choices: [{ index: 0, delta: fields }] }),
});
const call = (fields: object, args: string) => ({ ...fields, function: { name: "f", arguments: args } });

function filterText(filter: ReplyFilter): (piece: string) => void {
  return (piece) => void filter.push([{ type: "text-delta", text: piece }]);
}

function write(fact: (piece: string) => ReplyEvent): () => (piece: string) => void {
  return () => {
    const writer = createTestWriter(new MessageFold());
    writer.start();
    writer.push([{ type: "tool-start", lane: 0, id: "", name: "f" }]);
    return (piece) => writer.push([fact(piece)]);
  };
}

function readStream(
  fields: (piece: string) => object,
  stops?: readonly string[],
): () => (piece: string) => void {
  return () => {
    const reader = openaiChat.createReader(stops ? planFor(ask({ stop_sequences: stops })) : plan, written);
    return (piece) => void reader.push(delta(fields(piece)));
  };
}

/** Each makes a new one, and returns what a piece is given to. */
const subjects: readonly (readonly [name: string, make: () => (piece: string) => void])[] = [
  ["JSON fences", () => filterText(createJsonFences())],
  ["stop sequences", () => filterText(createStopSequences(["STOP", "STOSTOX", "\n\n\n\nX", "  X"]))],
  ["first call", () => filterText(createFirstCall())],
  [
    "think tags",
    () => {
      const splitter = new ThinkTagSplitter();
      return (piece) => void splitter.push(piece);
    },
  ],
  [
    "SSE, one line",
    () => {
      const decoder = new SseDecoder();
      decoder.push(utf8.encode("data: "));
      return (piece) => void decoder.push(utf8.encode(piece.replaceAll("\n", " ")));
    },
  ],
  [
    "SSE, one event",
    () => {
      const decoder = new SseDecoder();
      return (piece) => void decoder.push(utf8.encode(`data: ${piece.replaceAll("\n", " ")}\n`));
    },
  ],
  [
    "SSE, carriage returns",
    () => {
      const decoder = new SseDecoder();
      return (piece) => void decoder.push(utf8.encode(`data: ${piece.replaceAll("\n", " ")}\r`));
    },
  ],
  [
    "argument guard",
    () => {
      const guard = createArgumentGuard({ type: "object", properties: { a: { type: "string" } } });
      return (piece) => void guard.push(piece);
    },
  ],
  ["reader, text", readStream((content) => ({ content }))],
  ["reader, parts", readStream((text) => ({ content: [{ type: "text", text }] }))],
  ["reader, reasoning", readStream((reasoning) => ({ reasoning }))],
  ["reader, details", readStream((text) => ({ reasoning_details: [{ type: "reasoning.text", text }] }))],
  ["reader, arguments", readStream((piece) => ({ tool_calls: [call({ index: 0, id: "call_1" }, piece)] }))],
  ["reader, arguments by name", readStream((piece) => ({ tool_calls: [call({}, piece)] }))],
  [
    "tool calls by id",
    () => {
      const reader = new ToolCallReader((name) => ({ name }));
      let id = 0;
      return (piece) => void reader.push(call({ id: `call_${id++ % 1000}` }, piece));
    },
  ],
  ["writer, text behind a call", write((text) => ({ type: "text-delta", text }))],
  ["writer, thinking behind a call", write((text) => ({ type: "thinking-delta", text }))],
  ["writer, arguments", write((json) => ({ type: "tool-delta", lane: 0, json }))],
  [
    "writer, turns of text and thinking",
    () => {
      const writer = createTestWriter(new MessageFold());
      writer.push([{ type: "tool-start", lane: 0, id: "", name: "f" }]);
      let turn = 0;
      return (text) => writer.push([{ type: turn++ % 2 === 0 ? "text-delta" : "thinking-delta", text }]);
    },
  ],
];

/** Processor time that so many pieces take, ms. */
function timeOf(make: () => (piece: string) => void, { begin, piece }: Shape, pieces: number): number {
  const take = make();
  const before = process.cpuUsage();
  if (begin !== "") take(begin);
  for (let i = 0; i < pieces; i++) take(piece);
  return process.cpuUsage(before).user / 1000;
}

/** How many times as long eight times the input takes. Noise is not the same every time, growth is. */
function growthOf(make: () => (piece: string) => void, shape: Shape): number {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 4 && least > 10; round++) {
    const large = timeOf(make, shape, 8 * pieces);
    if (large < minTime) return 0;
    least = Math.min(least, large / Math.max(timeOf(make, shape, pieces), 1));
  }
  return least;
}

const pieces = 8000;
/** Growth of time over eight times the input: 8 if linear, 64 if quadratic. */
const maxGrowth = 24;
/** Below this, ms, time says nothing. */
const minTime = 15;

export const growth: Attack = {
  name: "growth of time",
  load: `${subjects.length} readers, writers and filters × ${shapes.length} shapes, ${pieces} and ${8 * pieces} pieces`,
  async run() {
    let worst = { name: "", growth: 0 };
    for (const [name, make] of subjects) {
      for (const shape of shapes) {
        const found = { name: `${name}, ${shape.name}`, growth: growthOf(make, shape) };
        must(found.growth <= maxGrowth, `${found.name}: ${found.growth.toFixed(1)} times as long`);
        if (found.growth > worst.growth) worst = found;
      }
      // Others get their turn.
      await Bun.sleep(0);
    }
    return `8 times the input takes at most ${worst.growth.toFixed(1)} times as long (${worst.name})`;
  },
};
