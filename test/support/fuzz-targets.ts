/**
 * What `./scripts/fuzz` throws at the readers and writers of untrusted bytes, and what must hold whatever comes. The
 * inputs are made from the structure of real ones: noise alone gets no further than the first check.
 */
import { deepStrictEqual, ok, strictEqual } from "node:assert";
import fc from "fast-check";
import { EventText } from "../../src/anthropic/encode-event.ts";
import { createArgumentGuard } from "../../src/anthropic/guard-arguments.ts";
import { readMessagesRequest } from "../../src/anthropic/read-request.ts";
import { MessageFold } from "../../src/anthropic/write-message.ts";
import { ProxyError } from "../../src/errors.ts";
import { SseDecoder, type SseFrame } from "../../src/lib/decode-sse.ts";
import { isObject } from "../../src/lib/json.ts";
import type { ReplyEvent } from "../../src/reply.ts";
import { createReader } from "../../src/upstream/openai-chat/reply/read-stream.ts";
import { createEventReader } from "../../src/upstream/openai-responses/reply/read-events.ts";
import type { WrittenRequest } from "../../src/upstream/protocol.ts";
import { answerOf, createTestWriter } from "./answers.ts";
import { bodyOf } from "./bodies.ts";
import { generatedResponse } from "./generate-responses.ts";
import {
  type ExpectedReply,
  frameChunks,
  generatedFraming,
  generatedReply,
  splitBytes,
} from "./generators.ts";
import { checkStream } from "./grammar.ts";
import { isProperObjectPrefix } from "./json-prefix.ts";
import { planFor } from "./plans.ts";
import { ask } from "./proxy.ts";
import { streamOf } from "./responses-replies.ts";

/** How many inputs, and which: the path leads to one of the inputs that a seed makes. */
type FuzzRun = { readonly numRuns: number; readonly seed?: number; readonly path?: string };

type FuzzResult = Pick<
  fc.RunDetails<unknown>,
  "failed" | "errorInstance" | "counterexample" | "counterexamplePath" | "numRuns" | "seed"
>;

export type FuzzTarget = {
  readonly name: string;
  /** What is tested, in a few words. */
  readonly about: string;
  /** Tries generated inputs; what failed is in the result. */
  readonly run: (parameters: FuzzRun) => FuzzResult;
};

const utf8 = new TextEncoder();
const plan = planFor(ask());
const written: WrittenRequest = { body: "", clientToolName: (name) => ({ name }), prefill: "", notes: [] };

function decode(pieces: readonly Uint8Array[]): SseFrame[] {
  const decoder = new SseDecoder();
  return [...pieces.flatMap((piece) => decoder.push(piece)), ...decoder.end()];
}

function read(pieces: readonly Uint8Array[]): ReplyEvent[] {
  const reader = createReader(plan, written);
  return [...decode(pieces).flatMap((frame) => reader.push(frame)), ...reader.end()];
}

function readResponses(pieces: readonly Uint8Array[]): ReplyEvent[] {
  const reader = createEventReader(plan, written);
  return [...decode(pieces).flatMap((frame) => reader.push(frame)), ...reader.end()];
}

/** Checks that everything a backend said reached the client, in whatever pieces it came. */
function checkReply(pieces: readonly Uint8Array[], expected: ExpectedReply): void {
  const { content, usage, stop_reason } = answerOf(read(pieces));
  const join = (words: (block: (typeof content)[number]) => string) => content.map(words).join("");
  strictEqual(
    join((block) => (block.type === "thinking" ? block.thinking : "")),
    expected.thinking,
  );
  strictEqual(
    join((block) => (block.type === "text" ? block.text : "")),
    expected.text,
  );
  deepStrictEqual(
    content.flatMap((block) => (block.type === "tool_use" ? [{ name: block.name, input: block.input }] : [])),
    [...expected.calls],
  );
  if (expected.finish === "stop")
    strictEqual(stop_reason, expected.calls.length > 0 ? "tool_use" : "end_turn");
  if (!expected.usage) return;
  strictEqual(usage.output_tokens, expected.usage.outputTokens);
  strictEqual(usage.input_tokens, expected.usage.inputTokens);
  strictEqual(usage.cache_read_input_tokens, expected.usage.cacheReadTokens);
}

const streams = fc.tuple(generatedReply(), generatedFraming()).chain(([{ chunks, expected }, framing]) =>
  fc.record({
    expected: fc.constant(expected),
    pieces: splitBytes(utf8.encode(frameChunks(chunks, framing))),
  }),
);

/** A value with some of its parts replaced by others: of the same structure, and wrong. */
function mutate(value: unknown, others: readonly unknown[]): unknown {
  let nodes = 0;
  const count = (node: unknown): void => {
    nodes += 1;
    if (typeof node === "object" && node !== null) Object.values(node).forEach(count);
  };
  count(value);
  const targets = new Map(others.map((other, i) => [(i * 7919 + others.length * 31) % nodes, other]));
  let at = -1;
  const copy = (node: unknown): unknown => {
    at += 1;
    if (targets.has(at)) return targets.get(at);
    if (Array.isArray(node)) return node.map(copy);
    if (!isObject(node)) return node;
    return Object.fromEntries(Object.entries(node).map(([key, child]) => [key, copy(child)]));
  };
  return copy(value);
}

/** What a careless or hostile peer puts where something else belongs. */
const wrong = fc.oneof(
  fc.jsonValue({ maxDepth: 3, stringUnit: "binary" }),
  fc.constantFrom(null, "", 0, -1, 1e308, [], {}, [[]], [null], { error: {} }, "\u0000", "\ud800", "[DONE]"),
  fc.constantFrom("tool_use", "text", "error", "length", "{", '{"a":'),
);

const brokenStreams = fc
  .tuple(generatedReply(), generatedFraming(), fc.array(wrong, { minLength: 1, maxLength: 4 }))
  .chain(([{ chunks }, framing, others]) =>
    splitBytes(
      utf8.encode(
        frameChunks(
          chunks.map((chunk) => mutate(chunk, others)),
          framing,
        ),
      ),
    ),
  );

const brokenResponses = fc
  .tuple(generatedResponse(), fc.array(wrong, { minLength: 1, maxLength: 4 }))
  .chain(([response, others]) => {
    const events = streamOf(response).map((event) => `data: ${JSON.stringify(mutate(event, others))}\n\n`);
    return splitBytes(utf8.encode(events.join("")));
  });

/** Whatever a backend sends: a stream of proper grammar, with exactly one end, and the same however it was cut. */
function checkBroken(pieces: readonly Uint8Array[], readPieces = read): void {
  const facts = readPieces(pieces);
  deepStrictEqual(facts, readPieces([Buffer.concat(pieces)]));
  const text = new EventText();
  const writer = createTestWriter(text);
  writer.start();
  for (const fact of facts) writer.push([cutShort(fact)]);
  writer.end();
  const checked = checkStream(text.take(), { allowTruncated: true });
  const fold = new MessageFold();
  for (const event of checked) if (event.type !== "error") fold.add(event);
  JSON.stringify(fold.result());
}

/** The grammar allows truncated calls only where an answer was cut short, and here any may be. */
function cutShort(fact: ReplyEvent): ReplyEvent {
  return fact.type === "finish" ? { type: "finish", reason: "max-tokens" } : fact;
}

const line = fc.oneof(
  fc.constantFrom(
    "data: {}",
    "data: [DONE]",
    "data:",
    "event: e",
    "error: 1",
    ": c",
    "id: 1",
    "",
    "{",
    "}",
    "<html>",
    "data",
    "\uFEFF",
  ),
  fc.string({ unit: "binary", maxLength: 20 }).map((text) => `data: ${text}`),
  fc.string({ unit: "binary", maxLength: 20 }),
);
const sseBytes = fc
  .array(fc.tuple(line, fc.constantFrom("\n", "\r\n", "\r", "")), { maxLength: 20 })
  .chain((lines) => splitBytes(utf8.encode(lines.map((parts) => parts.join("")).join(""))));

const requestBody = fc
  .tuple(
    fc.constantFrom(
      ask(),
      ask({
        system: [{ type: "text", text: "s", cache_control: { type: "ephemeral" } }],
        stop_sequences: ["x"],
      }),
      ask({
        tools: [
          {
            name: "f",
            description: "d",
            input_schema: { type: "object", properties: { a: { type: "string" } } },
          },
        ],
        tool_choice: { type: "tool", name: "f" },
        thinking: { type: "enabled", budget_tokens: 2000 },
        messages: [
          {
            role: "user",
            content: [
              { type: "text", text: "x" },
              { type: "image", source: { type: "url", url: "http://x" } },
            ],
          },
          {
            role: "assistant",
            content: [
              { type: "thinking", thinking: "t", signature: "ccp1." },
              { type: "tool_use", id: "toolu_1", name: "f", input: { a: 1 } },
            ],
          },
          {
            role: "user",
            content: [
              {
                type: "tool_result",
                tool_use_id: "toolu_1",
                content: [{ type: "text", text: "r" }],
                is_error: true,
              },
            ],
          },
        ],
      }),
    ),
    fc.array(wrong, { maxLength: 4 }),
    fc.nat(400),
  )
  .map(([body, others, cut]) => {
    const text = JSON.stringify(mutate(body, others));
    return cut < 100 ? text.slice(0, -cut || undefined) : text;
  });

/** A request is read, or refused in our own words. */
function checkRequest(body: string): void {
  try {
    readMessagesRequest(bodyOf(body));
  } catch (thrown) {
    if (!(thrown instanceof ProxyError)) throw thrown;
    strictEqual(thrown.kind, "invalid-request");
  }
}

const argumentPieces = fc.array(
  fc.oneof(
    fc.constantFrom(
      "{",
      "}",
      "[",
      "]",
      '"',
      "'",
      ":",
      ",",
      "\\",
      "\\u",
      "null",
      "None",
      "true",
      "1",
      "-",
      " ",
      "\n",
      "{}",
      "```",
    ),
    fc.jsonValue({ maxDepth: 2, stringUnit: "binary" }).map((value) => JSON.stringify(value)),
    fc.string({ unit: "binary", maxLength: 5 }),
  ),
  { maxLength: 20 },
);

/** Arguments leave as an object, or as the beginning of one, and the same however they were cut. */
function checkArguments(pieces: readonly string[]): void {
  const guard = (some: readonly string[]) => {
    const one = createArgumentGuard();
    return some.map((piece) => one.push(piece)).join("") + one.end();
  };
  const left = guard(pieces);
  strictEqual(left, guard([pieces.join("")]));
  ok(isObject(parse(left)) || isProperObjectPrefix(left), left);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function target<Input>(
  name: string,
  about: string,
  input: fc.Arbitrary<Input>,
  check: (input: Input) => void,
): FuzzTarget {
  const property = fc.property(input, check);
  return { name, about, run: (parameters) => fc.check(property, parameters) };
}

export const fuzzTargets: readonly FuzzTarget[] = [
  target(
    "streams",
    "replies of every backend, split anywhere: nothing is lost",
    streams,
    ({ pieces, expected }) => checkReply(pieces, expected),
  ),
  target("broken streams", "replies with wrong parts: proper grammar, one end", brokenStreams, checkBroken),
  target(
    "broken responses",
    "answers of /responses with wrong parts: proper grammar, one end",
    brokenResponses,
    (pieces) => checkBroken(pieces, readResponses),
  ),
  target("events", "lines of any kind, split anywhere: the same events", sseBytes, (pieces) =>
    deepStrictEqual(decode(pieces), decode([Buffer.concat(pieces)])),
  ),
  target("requests", "requests with wrong parts: read, or refused", requestBody, checkRequest),
  target(
    "arguments",
    "tool arguments of any kind: always part of one object",
    argumentPieces,
    checkArguments,
  ),
];
