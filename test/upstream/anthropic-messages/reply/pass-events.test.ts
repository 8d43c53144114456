import { expect, test } from "bun:test";
import fc from "fast-check";
import type { Plan } from "../../../../src/plan/plan.ts";
import type { ReplyEvent } from "../../../../src/reply.ts";
import { createPassingReader } from "../../../../src/upstream/anthropic-messages/reply/pass-events.ts";
import { called, said, thought, usualUsage, writeNativeStream } from "../../../support/fake-anthropic.ts";
import { nativePlan } from "../../../support/native-plans.ts";
import { ask } from "../../../support/proxy.ts";

const plan = nativePlan(ask({ stream: true }));
const asked = plan.request.model;

/** What comes of a stream that is read in pieces. */
function read(pieces: readonly Uint8Array[], given: Plan = plan) {
  const reader = createPassingReader(given);
  const facts: ReplyEvent[] = [];
  for (const piece of pieces) if (reader.state !== "done") facts.push(...reader.read(piece));
  facts.push(...reader.end());
  const bytes = facts.flatMap((fact) => (fact.type === "passed" ? [fact.bytes] : []));
  return {
    text: Buffer.concat(bytes).toString(),
    facts: facts.filter(({ type }) => type !== "passed"),
    usage: facts.flatMap((fact) => (fact.type === "usage" ? [fact.usage] : [])).at(-1),
    first: facts[0],
    error: facts.flatMap((fact) => (fact.type === "failure" ? [fact.error] : [])).at(0),
  };
}

const whole = (text: string) => [Buffer.from(text)];

const words = fc.constantFrom(
  "message_start",
  "error",
  "event: error\n",
  '"model":',
  "é",
  "\r\n\r\n",
  "😀",
  "a",
);
const block = fc.oneof(
  fc.array(words).map((parts) => said(parts.join(" "))),
  fc.string().map(thought),
  fc.jsonValue().map((input) => called("toolu_1", "Read", { input })),
  fc.jsonValue().map((x) => ({ type: "brand_new", x })),
);
const counts = fc.record({
  input_tokens: fc.nat(1e6),
  cache_creation_input_tokens: fc.nat(1e6),
  cache_read_input_tokens: fc.nat(1e6),
  output_tokens: fc.nat(1e6),
});
const stream = fc.record({ blocks: fc.array(block), usage: counts, isWindows: fc.boolean() });

/** Cuts bytes at the given shares of their length. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [
    0,
    ...places.map((place) => Math.floor(place * bytes.length)).sort((a, b) => a - b),
    bytes.length,
  ];
  return at.slice(1).map((to, index) => bytes.subarray(at[index], to));
}
const places = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 40 });

test("bytes in are bytes out, and usage is what was sent, wherever the stream is cut", () => {
  fc.assert(
    fc.property(stream, places, fc.boolean(), ({ blocks, usage, isWindows }, places, isByte) => {
      const plain = writeNativeStream(asked, blocks, { usage });
      const text = isWindows ? plain.replaceAll("\n", "\r\n") : plain;
      const bytes = Buffer.from(text);
      const pieces =
        isByte && bytes.length < 4000 ? [...bytes].map((byte) => Buffer.of(byte)) : cut(bytes, places);
      const result = read(pieces);
      expect(result.text).toBe(text);
      expect(result.usage).toMatchObject({
        inputTokens: usage.input_tokens,
        cacheReadTokens: usage.cache_read_input_tokens,
        cacheWriteTokens: usage.cache_creation_input_tokens,
        // A stream counts up.
        outputTokens: Math.max(usage.output_tokens, usage.output_tokens === 0 ? 1 : 0),
      });
      expect(result.facts.map(({ type }) => type)).toEqual(["usage", "finish"]);
    }),
  );
});

test("only the model's name is another one, wherever the stream is cut", () => {
  const routed = { ...plan, model: "claude-other" };
  fc.assert(
    fc.property(stream, places, ({ blocks, usage }, places) => {
      const bytes = Buffer.from(writeNativeStream("claude-other-20991231", blocks, { usage }));
      expect(read(cut(bytes, places), routed).text).toBe(writeNativeStream(asked, blocks, { usage }));
    }),
  );
});

test("nothing is seen before the first block", () => {
  const text = writeNativeStream(asked, [said("Hello")]);
  const reader = createPassingReader(plan);
  const at = text.indexOf("event: content_block_start");
  expect(reader.read(Buffer.from(text.slice(0, at)))).toEqual([]);
  expect(reader.read(Buffer.from(text.slice(at)))[0]).toMatchObject({ type: "passed", opens: true });
});

test("an answer without blocks passes, too", () => {
  const text = writeNativeStream(asked, []);
  expect(read(whole(text)).text).toBe(text);
});

test("what follows the end of the message is left out", () => {
  const text = writeNativeStream(asked, [said("Hello")]);
  expect(read(whole(`${text}data: [DONE]\n\n`)).text).toBe(text);
});

test("a stream that ends before its last event gets one", () => {
  const text = writeNativeStream(asked, [said("Hello")]);
  expect(read(whole(text.slice(0, text.indexOf("event: message_stop")))).text).toBe(text);
  expect(read(whole(text.trimEnd())).text).toBe(text);
});

test("an event that breaks off is not passed, and the stream has failed", () => {
  const text = writeNativeStream(asked, [said("Hello")]);
  const at = text.indexOf('"delta"');
  const result = read(whole(text.slice(0, at)));
  expect(text.startsWith(result.text)).toBe(true);
  expect(result.text.endsWith("\n\n")).toBe(true);
  expect(result.error?.kind).toBe("upstream");
});

test("an error ends the stream, and is not passed", () => {
  const text = writeNativeStream(asked, [said("Hello")]);
  const begun = text.slice(0, text.indexOf("event: content_block_stop"));
  const error = { type: "error", error: { type: "rate_limit_error", message: "Slow down" } };
  const result = read(whole(`${begun}event: error\ndata: ${JSON.stringify(error)}\n\nmore`));
  expect(result.text).toBe(begun);
  expect(result.error).toMatchObject({ kind: "rate-limit", message: "Slow down" });
});

test("an endless event is refused", () => {
  const reader = createPassingReader(plan);
  const piece = Buffer.alloc(1024 * 1024, "a");
  expect(() => {
    for (let count = 0; count < 40; count += 1) reader.read(piece);
  }).toThrow("The limit is");
});

test("usage that comes in part with the last event keeps the rest", () => {
  const text = writeNativeStream(asked, [said("Hello")]).replace(
    /("stop_sequence":null\},"usage":)\{[^}]*\}/,
    '$1{"output_tokens":42,"input_tokens":0}',
  );
  expect(read(whole(text)).usage).toMatchObject({ inputTokens: usualUsage.input_tokens, outputTokens: 42 });
});

test("a stream that the request did not ask for is a failure", () => {
  const { text, facts } = read(whole(writeNativeStream(asked, [said("Hi")])), nativePlan(ask()));
  expect(text).toBe("");
  expect(facts).toMatchObject([
    { type: "failure", error: { kind: "upstream", message: expect.stringContaining("did not ask for") } },
  ]);
});
