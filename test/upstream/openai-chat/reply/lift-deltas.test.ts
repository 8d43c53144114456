import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { EventText } from "../../../../src/anthropic/encode-event.ts";
import { SseDecoder, type SseFrame } from "../../../../src/lib/decode-sse.ts";
import type { Plan } from "../../../../src/plan/plan.ts";
import { type ReplyEvent, spellOut } from "../../../../src/reply.ts";
import { filterReader } from "../../../../src/upstream/filters/choose-filters.ts";
import { createReader } from "../../../../src/upstream/openai-chat/reply/read-stream.ts";
import type { WrittenRequest } from "../../../../src/upstream/protocol.ts";
import { createTestWriter } from "../../../support/answers.ts";
import { splitBytes } from "../../../support/generators.ts";
import { planFor } from "../../../support/plans.ts";
import { ask } from "../../../support/proxy.ts";

const written: WrittenRequest = { body: "", clientToolName: (name) => ({ name }), prefill: "", notes: [] };
const tools = [{ name: "Write", input_schema: { type: "object", properties: { text: { type: "string" } } } }];
const plans: readonly Plan[] = [
  planFor(ask()),
  planFor(ask({ tools })),
  planFor(ask({ tools, stop_sequences: ["ab", "\n\n"] })),
  planFor(ask({ thinking: { type: "enabled", budget_tokens: 2000 }, max_tokens: 4000 }), {
    backend: "openai",
  }),
  planFor(ask({ thinking: { type: "disabled" } })),
  planFor(ask({ thinking: { type: "adaptive", display: "omitted" } }), { backend: "vllm" }),
  planFor(ask({ tools, thinking: { type: "adaptive", display: "omitted" } }), { backend: "openrouter" }),
  planFor(ask({ tools }), { backend: "minimax" }),
];

type Result = { readonly reads: ReplyEvent[][]; readonly states: string[] };

/** The facts of each read, by the fast path and the general one or by the general one alone. */
function read(plan: Plan, pieces: readonly Uint8Array[], isLifted: boolean): Result {
  const reader = filterReader(createReader(plan, written), plan, written.clientToolName);
  const decoder = new SseDecoder();
  const states: string[] = [];
  const reads = pieces.map((piece) => {
    const facts: ReplyEvent[] = [];
    const push = (frame: SseFrame) => void facts.push(...reader.push(frame));
    decoder.pass(piece, { push, lift: (text, from) => (isLifted ? reader.lift(text, from) : from) });
    facts.push(...reader.take());
    states.push(reader.state);
    return facts;
  });
  const last = [...decoder.end().flatMap((frame) => reader.push(frame)), ...reader.end()];
  return { reads: [...reads, last], states };
}

/**
 * What the client gets, byte for byte.
 * @param isSlow its connection is kept alive before each read
 */
function write({ showReasoning }: Plan, reads: readonly ReplyEvent[][], isSlow: boolean): string {
  const text = new EventText();
  const writer = createTestWriter(text, showReasoning);
  for (const facts of reads) {
    if (isSlow) writer.keepAlive();
    writer.push(facts);
  }
  writer.end();
  return text.take().replaceAll(/toolu_\w+/g, "toolu_");
}

function expectSame(plan: Plan, pieces: readonly Uint8Array[]): void {
  const lifted = read(plan, pieces, true);
  const general = read(plan, pieces, false);
  expect(lifted.states).toEqual(general.states);
  expect(lifted.reads.map(spellOut)).toEqual(general.reads);
  for (const isSlow of [false, true])
    expect(write(plan, lifted.reads, isSlow)).toBe(write(plan, general.reads, isSlow));
}

const outer = { id: "chatcmpl-1", object: "chat.completion.chunk", created: 1760000000, usage: null };
const chunk = (
  delta: unknown,
  { choice = {}, ...more }: Record<string, unknown> & { choice?: object } = {},
) => ({
  ...outer,
  choices: [{ index: 0, delta, logprobs: null, finish_reason: null, ...choice }],
  ...more,
});
const call = (json: string, index = 0, more: object = {}) =>
  chunk({ tool_calls: [{ index, function: { arguments: json }, ...more }] });

/** Text with whatever JSON escapes, tags, calls as text, and stop sequences are made of. */
const text = fc.oneof(
  { weight: 3, arbitrary: fc.string({ unit: "grapheme", maxLength: 6 }) },
  {
    weight: 3,
    arbitrary: fc.constantFrom("a", " word", "b", "\n", '"', "\\", "\u0001", "é", "🚀", "\ud83d", "\u2028"),
  },
  fc.constantFrom("<think>", "</think>", "\n<tool_call>", "[", '{"name":', "```", "", " ", "data: ", "\n\n"),
);

const lettersOf = (text: string): string => text.replaceAll(/[^a-zA-Z0-9]/g, "");

/** Several chunks of one kind in a row: what is usual comes in runs. */
const run = fc
  .tuple(
    fc.constantFrom<(piece: string, piece2: string) => object>(
      (piece) => chunk({ content: piece }),
      (piece) => chunk({ role: "assistant", content: piece, refusal: null, tool_calls: [] }),
      (piece) => chunk({ content: piece }, { choice: { index: undefined } }),
      (piece) => chunk({ content: piece }, { choice: { index: 1 } }),
      (piece) => chunk({ content: piece }, { model: "modèle" }),
      (piece) => chunk({ content: piece, reasoning: "constant" }),
      (piece) => chunk({ content: piece, refusal: "No" }),
      (piece) => chunk({ content: piece }, { error: "Broken" }),
      (piece) => chunk({ content: piece }, { object: "error" }),
      (piece) => chunk({ content: piece }, { usage: { prompt_tokens: 3, completion_tokens: 2 } }),
      (piece) => chunk({ content: piece }, { choice: { finish_reason: "stop" } }),
      (piece) => chunk({ content: piece }, { choice: { message: { content: "x" } } }),
      (piece, other) => chunk({ content: piece }, { obfuscation: other }),
      (piece, other) => chunk({ content: piece }, { obfuscation: lettersOf(other) }),
      (piece, other) => ({ ...call(piece), obfuscation: lettersOf(other) }),
      // What is read is no padding.
      (piece, other) => chunk({ content: piece }, { error: lettersOf(other) }),
      (piece, other) => {
        const { object, ...rest } = chunk({ content: piece });
        return { ...rest, object: other === "a" ? "error" : object };
      },
      (piece) => chunk({ content: null, reasoning_content: piece }),
      (piece) => chunk({ role: "assistant", content: "", reasoning: piece }),
      (piece) => chunk({ reasoning_content: piece, reasoning: piece }),
      (piece) => chunk({ reasoning_content: piece, reasoning: "constant" }),
      (piece) => chunk({ reasoning_text: piece }),
      (piece, other) =>
        chunk({ reasoning: piece, reasoning_details: [{ type: "reasoning.text", text: other, index: 0 }] }),
      (piece) =>
        chunk({
          reasoning: piece,
          reasoning_details: [{ type: "reasoning.encrypted", data: "x", index: 1 }],
        }),
      (piece) => chunk({ reasoning: piece, reasoning_details: [] }),
      (piece) => call(piece),
      (piece) => call(piece, 1),
      (piece) => call(piece, 0, { id: "", type: "function" }),
      (piece) => call(piece, 0, { extra_content: { google: { thought_signature: "x" } } }),
      (piece) => ({
        ...call(piece),
        choices: [{ index: 0, delta: { content: "x", ...(call(piece).choices[0]?.delta as object) } }],
      }),
      (piece) =>
        call(piece, 0, { id: "call_1", type: "function", function: { name: "Write", arguments: piece } }),
      (piece) =>
        call(piece, 1, { id: "call_2", type: "function", function: { name: "Write", arguments: piece } }),
    ),
    fc.array(fc.tuple(text, text), { minLength: 1, maxLength: 6 }),
    fc.boolean(),
    fc.constantFrom(
      "data: %\n\n",
      "data: %\n\n",
      "data: %\n\n",
      "data:%\n\n",
      "data: %\r\n\r\n",
      "event: x\ndata: %\n\n",
      "data: %\n",
    ),
    // Data of several lines, with and without what begins each.
    fc.constantFrom<[RegExp, string]>(
      [/^/, ""],
      [/^/, ""],
      [/^/, ""],
      [/,"choices"/, ',\n"choices"'],
      [/,"choices":/, ',\ndata: "choices":'],
      [/\}$/, "\n}"],
      [/\}$/, "\ndata: }"],
    ),
  )
  .map(([make, pieces, isEscaped, frame, [place, broken]]) =>
    pieces
      .map(([piece, other]) => JSON.stringify(make(piece, other)))
      .map((json) => (isEscaped ? json.replaceAll(/[^\x20-\x7e]/g, escapeUnit) : json))
      .map((json) => frame.replace("%", () => json.replace(place, broken)))
      .join(""),
  );
/** A call from its start on, with arguments that a model may write, cut anywhere. */
const wholeCall = fc
  .tuple(
    fc.dictionary(
      fc.constantFrom("text", "a", "b"),
      fc.oneof(
        fc.array(text).map((all) => all.join("")),
        fc.integer(),
        fc.array(text),
      ),
      {
        minKeys: 1,
      },
    ),
    fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }),
    fc.constantFrom("", '"', "}", "\\", "'"),
    fc.boolean(),
  )
  .map(([input, lengths, damage, isPadded]) => {
    const json = JSON.stringify(input);
    const middle = json.length >> 1;
    const whole = json.slice(0, middle) + damage + json.slice(middle);
    const pieces: string[] = [];
    for (let at = 0, turn = 0; at < whole.length; turn += 1) {
      const length = lengths[turn % lengths.length] ?? 1;
      pieces.push(whole.slice(at, at + length));
      at += length;
    }
    const start = call("", 0, { id: "call_9", type: "function", function: { name: "Write", arguments: "" } });
    return [start, ...pieces.map((piece) => call(piece))]
      .map((each, at) => (isPadded ? { ...each, obfuscation: "x".repeat(at % 3) } : each))
      .map((each) => `data: ${JSON.stringify(each)}\n\n`)
      .join("");
  });

/** Reasoning that is repeated from its start in each chunk, or seems to be. */
const growing = fc
  .tuple(fc.array(text, { minLength: 2, maxLength: 8 }), fc.constantFrom("reasoning", "reasoning_content"))
  .map(([pieces, field]) =>
    pieces
      .map((_, at) => chunk({ [field]: pieces.slice(0, at + 1).join("") }))
      .map((each) => `data: ${JSON.stringify(each)}\n\n`)
      .join(""),
  );

const escapeUnit = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
const noise = fc.constantFrom(
  ": comment\n\n",
  "data: [DONE]\n\n",
  'data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}}\n\n',
  'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n',
  'data: {"error":{"message":"Broken"}}\n\n',
  "data: nonsense\n\n",
  "nonsense\n",
  "\n",
);
const stream = fc
  .array(fc.oneof({ weight: 6, arbitrary: run }, { weight: 2, arbitrary: wholeCall }, growing, noise), {
    minLength: 1,
    maxLength: 8,
  })
  // A shape is known when it has come twice.
  .map((parts) => parts.flatMap((part, at) => (at % 3 === 0 ? [part, part] : [part])).join(""));

const utf8 = new TextEncoder();
/** Cut anywhere, or between events, as a server does that writes each by itself. */
const split = (whole: string): fc.Arbitrary<Uint8Array[]> => {
  const events = whole.split(/(?<=\n\n|\r\n\r\n)/);
  const between = fc
    .array(fc.boolean(), { minLength: events.length, maxLength: events.length })
    .map((ends) =>
      events
        .map((event, at) => (ends[at] ? `${event}|cut|` : event))
        .join("")
        .split("|cut|"),
    )
    .map((pieces) => pieces.filter((piece) => piece !== "").map((piece) => utf8.encode(piece)));
  return fc.oneof(splitBytes(utf8.encode(whole)), between);
};

describe("the fast path and the general one", () => {
  test("give the same facts and the same bytes, whatever comes and however it is split", () => {
    fc.assert(fc.property(fc.constantFrom(...plans), stream.chain(split), expectSame), { numRuns: 1000 });
  });

  test("differ in nothing where a stream breaks off or is damaged", () => {
    const damaged = fc
      .tuple(stream, fc.nat(), fc.constantFrom("", '"', "\\", "{", "\n", "\u0001", "\\u12", "\\/", "\r"))
      .map(([whole, at, put]) => {
        const place = at % (whole.length + 1);
        return whole.slice(0, place) + put + whole.slice(place + (at % 3));
      });
    fc.assert(fc.property(fc.constantFrom(...plans), damaged.chain(split), expectSame), { numRuns: 1000 });
  });

  test("differ in nothing where bytes are no UTF-8", () => {
    const damaged = fc
      .tuple(stream, fc.nat(), fc.constantFrom(0x80, 0xc3, 0xe2, 0xff))
      .map(([whole, at, put]) => {
        const bytes = utf8.encode(whole);
        bytes[at % bytes.length] = put;
        return bytes;
      });
    fc.assert(fc.property(fc.constantFrom(...plans), damaged.chain(splitBytes), expectSame), {
      numRuns: 300,
    });
  });
});

const encode = (words: readonly string[], make = (content: string): object => chunk({ content })) =>
  utf8.encode(words.map((word) => `data: ${JSON.stringify(make(word))}\n\n`).join(""));

test.each([
  ["usage", { choices: [], usage: { prompt_tokens: 3, completion_tokens: 2 } }],
  ["something strange", { detail: "The model has crashed" }],
])("a stream that ends after %s and more text is as unfinished as ever", (_, odd) => {
  const oddly = utf8.encode(`data: ${JSON.stringify(odd)}\n\n`);
  // After a few that are not alike, the shape of the last one is kept whatever follows.
  const unlike = [1, 2, 3].map((created) => encode(["a"], (content) => chunk({ content }, { created })));
  for (const plan of plans) expectSame(plan, [...unlike, encode(["b"]), oddly, encode(["c"])]);
});

test.each([
  ["before the text", ',"choices"', ',\ndata: "choices"'],
  ["behind the text", "}\n\n", "\ndata: }\n\n"],
])("an event whose data is cut %s is known from one with a broken line", (_, place, cut) => {
  const pieces = ["a", "b", "c", "d", "e"].map((word) => new TextDecoder().decode(encode([word])));
  const broken = cut.replace("data: ", "");
  const events = pieces.map((piece, at) => piece.replace(place, at < 3 ? cut : broken));
  for (const plan of plans)
    expectSame(
      plan,
      events.map((event) => utf8.encode(event)),
    );
});

describe("the deltas of one read", () => {
  test("become one fact that keeps them apart", () => {
    const [plan] = plans;
    const reads = plan && read(plan, [encode(["a", "b"]), encode(["c", '"d"\n', "é"])], true).reads;
    expect(reads?.[1]).toEqual([{ type: "text-delta", text: 'c"d"\né', written: ["c", '\\"d\\"\\n', "é"] }]);
  });

  test("do so when tools are offered, unless a call may begin in them", () => {
    const plan = plans[1];
    const reads =
      plan && read(plan, [encode(["a", "b"]), encode(["c", "d"]), encode(["e", "\n<f"])], true).reads;
    expect(reads?.slice(1, 3)).toEqual([
      [{ type: "text-delta", text: "cd", written: ["c", "d"] }],
      [
        { type: "text-delta", text: "e" },
        { type: "text-delta", text: "\n" },
      ],
    ]);
  });
});

describe("the reasoning of one read", () => {
  const encodeThought = (words: readonly string[]) =>
    encode(words, (reasoning_content) => chunk({ content: null, reasoning_content }));
  const pieces = [
    ["Let me", " think"],
    [" about", " a"],
    [" b", '"c"\n'],
  ];

  test("becomes one fact that keeps its deltas apart", () => {
    const [plan] = plans;
    const reads = plan && read(plan, pieces.map(encodeThought), true).reads;
    expect(reads?.[2]).toEqual([{ type: "thinking-delta", text: ' b"c"\n', written: [" b", '\\"c\\"\\n'] }]);
  });

  test("is carried whole where the client does not see it", () => {
    for (const plan of plans) expectSame(plan, [...pieces, ...pieces].map(encodeThought));
  });

  test("is reasoning also in a block that was open before it", () => {
    for (const plan of plans)
      expectSame(plan, [encodeThought(["\n", "\n"]), encodeThought(["a"]), encode(["\nSo"])]);
  });

  test("does not begin with a blank line that came in the middle of a text", () => {
    const texts = encode(["a", "b", "c"]);
    for (const plan of plans)
      expectSame(plan, [texts, encodeThought(["\n"]), encode(["d"]), encodeThought(["Hm"]), encode(["e"])]);
  });

  test("that repeats all so far adds only what is new", () => {
    const thought = "Let me think about this";
    const grown = [9, 12, 14, 17, thought.length].map((length) => [thought.slice(0, length)]);
    for (const plan of plans) {
      const facts = read(plan, grown.map(encodeThought), true).reads.flat();
      const said = facts.map((fact) => (fact.type === "thinking-delta" ? fact.text : "")).join("");
      expect(said).toBe(thought);
    }
  });
});

describe("the arguments of one read", () => {
  const encodeCall = (pieces: readonly string[], more: object = {}) =>
    utf8.encode(pieces.map((piece) => `data: ${JSON.stringify({ ...call(piece), ...more })}\n\n`).join(""));
  const start = utf8.encode(
    `data: ${JSON.stringify(call("", 0, { id: "call_1", function: { name: "Write", arguments: "" } }))}\n\n`,
  );

  test("become one fact that keeps them apart", () => {
    const [plan] = plans;
    const reads =
      plan &&
      read(plan, [start, encodeCall(['{"text":"', "a", "b"]), encodeCall(["c", "\\n", "d"])], true).reads;
    expect(reads?.[2]).toEqual([
      { type: "tool-delta", lane: 0, json: "c\\nd", written: ["c", "\\\\n", "d"] },
    ]);
  });

  test("do so from the third piece on, also in the read in which the call begins", () => {
    const [plan] = plans;
    const whole = Buffer.concat([start, encodeCall(['{"text":"', "a", "b", "c"])]);
    expect(plan && read(plan, [whole], true).reads[0]?.at(-1)).toEqual({
      type: "tool-delta",
      lane: 0,
      json: "bc",
      written: ["b", "c"],
    });
  });

  test("do so with padding of any length", () => {
    const [plan] = plans;
    const pieces = [
      encodeCall(['{"text":"', "a"], { obfuscation: "x" }),
      encodeCall(["b"], { obfuscation: "y" }),
    ];
    const more = utf8.encode(
      ["", "Zx9", "0"]
        .map((obfuscation, at) => `data: ${JSON.stringify({ ...call(`c${at}`), obfuscation })}\n\n`)
        .join(""),
    );
    const reads = plan && read(plan, [start, ...pieces, more], true).reads;
    expect(reads?.[3]).toEqual([
      { type: "tool-delta", lane: 0, json: "c0c1c2", written: ["c0", "c1", "c2"] },
    ]);
  });
});
