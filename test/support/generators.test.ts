import { expect, test } from "bun:test";
import fc from "fast-check";
import { z } from "zod";
import {
  type ExpectedCall,
  frameChunks,
  generatedFraming,
  generatedReply,
  splitBytes,
} from "./generators.ts";

test("generated replies reach every kind of reply", () => {
  const samples = fc.sample(generatedReply(), { numRuns: 500, seed: 1 });
  const reached = (what: (reply: (typeof samples)[number]) => unknown) =>
    new Set(samples.map((sample) => what(sample))).size;
  expect(reached(({ expected }) => expected.calls.length)).toBe(5);
  expect(reached(({ expected }) => expected.finish)).toBe(3);
  expect(reached(({ expected }) => `${expected.thinking === ""} ${expected.text === ""}`)).toBe(4);
  expect(reached(({ expected }) => expected.usage === undefined)).toBe(2);
});

test("the chunks contain every generated word once", () => {
  fc.assert(
    fc.property(generatedReply(), ({ chunks, expected }) => {
      const parsed = chunks.map((chunk) => generatedChunk.parse(chunk));
      const deltas = parsed.flatMap(({ choices }) => choices.map(({ delta }) => delta));
      const content = deltas.map(({ content }) => content ?? "").join("");
      const thinking = deltas.map((delta) => delta.reasoning ?? delta.reasoning_content ?? "").join("");
      expect([content, thinking]).toEqual([expected.text, expected.thinking]);
      expect(joinCalls(deltas.flatMap(({ tool_calls }) => tool_calls ?? []))).toEqual([...expected.calls]);
    }),
  );
});

const callFragment = z.object({
  index: z.number().optional(),
  id: z.string().optional(),
  function: z.object({ name: z.string().optional(), arguments: z.string() }),
});
const generatedChunk = z.object({
  choices: z.array(
    z.object({
      delta: z.object({
        content: z.string().nullish(),
        reasoning: z.string().optional(),
        reasoning_content: z.string().optional(),
        tool_calls: z.array(callFragment).optional(),
      }),
    }),
  ),
});

function joinCalls(fragments: readonly z.infer<typeof callFragment>[]): ExpectedCall[] {
  const keys = new Map<number | undefined, string>();
  const calls = new Map<string, { name: string; json: string }>();
  for (const { index, id, function: part } of fragments) {
    const key = id || (keys.get(index) ?? `call ${index}`);
    keys.set(index, key);
    const known = calls.get(key);
    calls.set(key, {
      name: known?.name ?? part.name ?? "",
      json: (known?.json ?? "") + part.arguments,
    });
  }
  return [...calls.values()].map(({ name, json }) => ({ name, input: JSON.parse(json || "{}") }));
}

test("framing changes only the framing, and split bytes join to the same", () => {
  const framed = fc.tuple(generatedReply(), generatedFraming()).chain(([{ chunks }, framing]) => {
    const bytes = new TextEncoder().encode(frameChunks(chunks, framing));
    return fc.record({
      chunks: fc.constant(chunks),
      framing: fc.constant(framing),
      pieces: splitBytes(bytes),
    });
  });
  fc.assert(
    fc.property(framed, ({ chunks, framing, pieces }) => {
      const text = new TextDecoder().decode(Buffer.concat(pieces));
      const data = text
        .split(/\r?\n/)
        .flatMap((line) => (line.startsWith("data:") ? [line.slice(5).trim()] : []));
      if (framing.done) expect(data.pop()).toBe("[DONE]");
      expect(data).toEqual(chunks.map((chunk) => JSON.stringify(chunk)));
      expect(pieces.every((piece) => piece.length > 0)).toBe(true);
    }),
  );
});
