/**
 * Random replies of random backends, for property tests: what a model said (`expected`), and one of the many ways in
 * which servers send it (`chunks`).
 */
import fc from "fast-check";
import type { FinishReason, Usage } from "../../src/reply.ts";
import {
  addFinish,
  addUsage,
  cutText,
  idle,
  type Json,
  orderCalls,
  randomBackend,
  reasoningDelta,
} from "./random-backend.ts";

export type ExpectedCall = { readonly name: string; readonly input: Json };
export type ExpectedReply = {
  readonly thinking: string;
  readonly text: string;
  /** In the order in which they were begun. */
  readonly calls: readonly ExpectedCall[];
  /** Undefined if the backend reports none. */
  readonly usage: Usage | undefined;
  readonly finish: FinishReason;
};
export type GeneratedReply = { readonly chunks: readonly Json[]; readonly expected: ExpectedReply };

const finishes: Readonly<Record<string, FinishReason>> = {
  stop: "stop",
  tool_calls: "stop",
  eos: "stop",
  length: "max-tokens",
  content_filter: "refusal",
};

/** Words with accents, emoji and white space; never blank, and not beginning like a think tag. */
const prose = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 60 })
  .filter((text) => /^[^\s<◁]/u.test(text) && text.isWellFormed());

const callInput = fc.dictionary(
  fc.string({ unit: "grapheme", maxLength: 8 }).filter((key) => key !== "__proto__" && key.isWellFormed()),
  fc.jsonValue({ maxDepth: 2, stringUnit: "grapheme" }).map(withoutProto),
  { maxKeys: 4, noNullPrototype: true },
);

const call = fc.record({
  name: fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9_-]{0,20}$/),
  input: callInput,
  indent: fc.constantFrom(undefined, 2),
});

/** A whole reply of some backend: its chunks in order, without `[DONE]`, and what they mean. */
export function generatedReply(): fc.Arbitrary<GeneratedReply> {
  return fc
    .record({
      backend: randomBackend,
      thinking: fc.option(prose, { nil: "" }),
      text: fc.option(prose, { nil: "" }),
      calls: fc.array(call, { maxLength: 4 }),
      finish: fc.constantFrom(...Object.keys(finishes)),
      tokens: fc.record({
        // A prompt of no tokens is one that was not counted.
        prompt: fc.integer({ min: 1, max: 100_000 }),
        cachedShare: fc.double({ min: 0, max: 1, noNaN: true }),
        completion: fc.integer({ min: 1, max: 10_000 }),
      }),
      // Decides the cuts and the order of fragments; shrinks to few cuts, in order.
      dice: fc.array(fc.nat(1000), { maxLength: 100 }),
    })
    .map(({ backend, thinking, text, calls, finish, tokens, dice }) => {
      let rolled = 0;
      const roll = (sides: number): number => (dice[rolled++ % dice.length] ?? 0) % sides;
      const cached = Math.floor(tokens.prompt * tokens.cachedShare);
      const ordered = orderCalls(calls, backend.callStyle, roll);
      const deltas = [
        ...cutText(thinking, roll).map((piece) => reasoningDelta(piece, backend)),
        ...cutText(text, roll).map((content) => ({ content })),
        ...ordered.deltas.map((tool_calls) => ({ ...idle(backend), tool_calls })),
      ];
      const usage = {
        prompt_tokens: tokens.prompt,
        completion_tokens: tokens.completion,
        total_tokens: tokens.prompt + tokens.completion,
        prompt_tokens_details: { cached_tokens: cached },
      };
      return {
        chunks: addUsage(addFinish(deltas, finish, backend), usage, backend),
        expected: {
          thinking,
          text,
          calls: ordered.calls.map(({ name, input }) => ({ name, input })),
          usage:
            backend.usagePlace === "none"
              ? undefined
              : {
                  inputTokens: tokens.prompt - cached,
                  cacheReadTokens: cached,
                  cacheWriteTokens: 0,
                  outputTokens: tokens.completion,
                },
          finish: finishes[finish] ?? "stop",
        },
      };
    });
}

export type Framing = {
  readonly lineEnd: "\n" | "\r\n";
  readonly space: boolean;
  /** Comment lines before each event. */
  readonly comments: "none" | "ping" | "processing";
  /** Some servers forget the blank line between events. */
  readonly blankLines: boolean;
  /** Some servers close without `[DONE]`. */
  readonly done: boolean;
};

export function generatedFraming(): fc.Arbitrary<Framing> {
  return fc.record({
    lineEnd: fc.constantFrom("\n", "\r\n"),
    space: fc.boolean(),
    comments: fc.constantFrom("none", "ping", "processing"),
    blankLines: fc.boolean(),
    done: fc.boolean(),
  });
}

/** Chunks as server-sent events. */
export function frameChunks(chunks: readonly unknown[], framing: Framing): string {
  const comments = { none: [], ping: [":", ""], processing: [": PROCESSING", ""] }[framing.comments];
  const events = [...chunks.map((chunk) => JSON.stringify(chunk)), ...(framing.done ? ["[DONE]"] : [])];
  return events
    .flatMap((data) => [
      ...comments,
      `data:${framing.space ? " " : ""}${data}`,
      ...(framing.blankLines ? [""] : []),
    ])
    .map((line) => line + framing.lineEnd)
    .join("");
}

/** The same bytes in pieces, cut anywhere. */
export function splitBytes(bytes: Uint8Array): fc.Arbitrary<Uint8Array[]> {
  return fc
    .uniqueArray(fc.integer({ min: 1, max: Math.max(1, bytes.length - 1) }), { maxLength: 40 })
    .map((points) => {
      const cuts = [0, ...points.sort((a, b) => a - b), bytes.length];
      return cuts
        .slice(1)
        .map((end, at) => bytes.subarray(cuts[at], end))
        .filter((piece) => piece.length > 0);
    });
}

/** `__proto__` as a key is a trap of JavaScript, not of the protocol. */
function withoutProto(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value).replaceAll('"__proto__":', '"proto":'));
}
