import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { commonQuirks, type Quirks } from "../../../../src/catalog/quirks.ts";
import { SseDecoder } from "../../../../src/lib/decode-sse.ts";
import type { ReplyEvent } from "../../../../src/reply.ts";
import { createReader } from "../../../../src/upstream/openai-chat/reply/read-stream.ts";
import type { WrittenRequest } from "../../../../src/upstream/protocol.ts";
import { answerOf } from "../../../support/answers.ts";
import { frameChunks, generatedFraming, generatedReply, splitBytes } from "../../../support/generators.ts";
import { planFor } from "../../../support/plans.ts";
import { ask } from "../../../support/proxy.ts";

const written: WrittenRequest = { body: "", clientToolName: (name) => ({ name }), prefill: "", notes: [] };

/** The facts in SSE text, read in the given pieces. */
function read(pieces: readonly Uint8Array[], quirks: Quirks = commonQuirks, request = ask()): ReplyEvent[] {
  const decoder = new SseDecoder();
  const reader = createReader({ ...planFor(request), quirks }, written);
  const facts = pieces.flatMap((piece) => decoder.push(piece)).flatMap((frame) => reader.push(frame));
  return [...facts, ...decoder.end().flatMap((frame) => reader.push(frame)), ...reader.end()];
}

const stream = (...chunks: unknown[]) => [
  new TextEncoder().encode(
    chunks.map((chunk) => `data: ${typeof chunk === "string" ? chunk : JSON.stringify(chunk)}\n\n`).join(""),
  ),
];
const delta = (delta: object, more: object = {}) => ({ choices: [{ index: 0, delta, ...more }] });
const finish = (finish_reason: string, more: object = {}) => delta({}, { finish_reason, ...more });

/** Adjacent deltas of one kind, joined, because it does not matter how they were split. */
function brief(facts: readonly ReplyEvent[]): string[] {
  const lines: string[] = [];
  for (const fact of facts) {
    if (fact.type === "text-delta" || fact.type === "thinking-delta") {
      const kind = `${fact.type.replace("-delta", "")}: `;
      const last = lines.at(-1);
      if (last?.startsWith(kind)) lines[lines.length - 1] = last + fact.text;
      else lines.push(kind + fact.text);
    } else if (fact.type === "finish")
      lines.push(`finish: ${fact.reason}${fact.stopSequence ? ` ${fact.stopSequence}` : ""}`);
    else if (fact.type === "failure") lines.push(`failure: ${fact.error.kind}`);
    else lines.push(fact.type);
  }
  return lines;
}

test("any reply of any server, with any framing and split anywhere, gives valid grammar and loses nothing", () => {
  const cases = fc.tuple(generatedReply(), generatedFraming()).chain(([reply, framing]) => {
    const bytes = new TextEncoder().encode(frameChunks(reply.chunks, framing));
    return fc.tuple(fc.constant(reply), splitBytes(bytes));
  });
  fc.assert(
    fc.property(cases, ([{ expected }, pieces]) => {
      const { content, usage, stop_reason } = answerOf(read(pieces));
      const join = (kind: "text" | "thinking") =>
        content
          .map((block) =>
            block.type === "text" && kind === "text"
              ? block.text
              : block.type === "thinking" && kind === "thinking"
                ? block.thinking
                : "",
          )
          .join("");
      expect(join("thinking")).toBe(expected.thinking);
      expect(join("text")).toBe(expected.text);
      expect(
        content.flatMap((block) =>
          block.type === "tool_use" ? [{ name: block.name, input: block.input }] : [],
        ),
      ).toEqual([...expected.calls]);
      if (expected.usage)
        expect(usage).toMatchObject({
          output_tokens: expected.usage.outputTokens,
          input_tokens: expected.usage.inputTokens,
        });
      if (expected.finish === "stop")
        expect(stop_reason).toBe(expected.calls.length > 0 ? "tool_use" : "end_turn");
    }),
    { numRuns: 400 },
  );
});

describe("the end", () => {
  const finishes: [string, string][] = [
    ["stop", "stop"],
    ["tool_calls", "stop"],
    ["length", "max-tokens"],
    ["MAX_TOKENS", "max-tokens"],
    ["model_length", "context-window"],
    ["content_filter", "refusal"],
    ["SAFETY", "refusal"],
    ["something_new", "stop"],
  ];
  for (const [word, reason] of finishes) {
    test(`${word} is ${reason}`, () =>
      expect(brief(read(stream(finish(word))))).toEqual([`finish: ${reason}`]));
  }

  test("is a failure if the finish reason means one", () => {
    for (const [word, kind] of Object.entries({
      error: "upstream",
      network_error: "upstream",
      insufficient_system_resource: "overloaded",
    })) {
      expect(brief(read(stream(delta({ content: "a" }), finish(word))))).toEqual([
        "text: a",
        `failure: ${kind}`,
      ]);
    }
  });

  test("is the most severe of several reasons", () => {
    expect(brief(read(stream(finish("length"), finish("stop"))))).toEqual(["finish: max-tokens"]);
  });

  test("is a refusal if the text is one", () => {
    expect(brief(read(stream(delta({ refusal: "No" }), finish("stop"))))).toEqual([
      "text: No",
      "finish: refusal",
    ]);
  });

  test("may be [DONE] alone, but a stream that just stops is a failure", () => {
    expect(brief(read(stream(delta({ content: "a" }), "[DONE]")))).toEqual(["text: a", "finish: stop"]);
    expect(brief(read(stream(delta({ content: "a" }), "[done]")))).toEqual(["text: a", "finish: stop"]);
    expect(brief(read(stream(delta({ content: "a" }))))).toEqual(["text: a", "failure: upstream"]);
  });

  test("is a stop sequence if the server reports one", () => {
    const request = ask({ stop_sequences: ["END"] });
    expect(brief(read(stream(finish("stop", { stop_reason: "END" })), commonQuirks, request))).toEqual([
      "finish: stop-sequence END",
    ]);
    expect(
      brief(read(stream(finish("stop", { native_finish_reason: "stop_sequence" })), commonQuirks, request)),
    ).toEqual(["finish: stop-sequence END"]);
    expect(brief(read(stream(finish("stop", { stop_reason: 151645 })), commonQuirks, request))).toEqual([
      "finish: stop",
    ]);
  });
});

describe("an answer that fills the window", () => {
  const end = (prompt_tokens: number, completion_tokens: number, reason = "length") => {
    const plan = { ...planFor(ask({ max_tokens: 400 })), maxTokens: 300, hardWindow: 1000 };
    const reader = createReader(plan, written);
    const usage = { prompt_tokens, completion_tokens };
    const chunks = [delta({ content: "a" }), { ...finish(reason), usage }];
    const facts = chunks.flatMap((chunk) => reader.push({ event: "", data: JSON.stringify(chunk) }));
    return [...facts, ...reader.end()].flatMap((fact) => (fact.type === "finish" ? [fact.reason] : []));
  };

  test("ends as such where a backend only says `length`", () => {
    expect(end(800, 199)).toEqual(["context-window"]);
    expect(end(700, 300)).toEqual(["context-window"]);
  });

  test("is told apart from one that has as many tokens as the client allows, or that stopped", () => {
    expect(end(600, 400)).toEqual(["max-tokens"]);
    expect(end(100, 300)).toEqual(["max-tokens"]);
    expect(end(800, 199, "stop")).toEqual(["stop"]);
  });
});

test("a stream goes on after a finish reason that more of the answer follows", () => {
  const reader = createReader(planFor(ask()), written);
  const states = [
    finish("stop"),
    delta({ content: "a" }, { finish_reason: "stop" }),
    delta({ content: "b" }),
    finish("length"),
  ].map((chunk) => {
    reader.push({ event: "", data: JSON.stringify(chunk) });
    return reader.state;
  });
  expect(states).toEqual(["finished", "reading", "reading", "finished"]);
});

test("other choices are parts of the answer where the first says nothing of the kind", () => {
  const other = (index: number, delta: object) => ({ choices: [{ index, delta, finish_reason: null }] });
  const call = { index: 0, id: "call_1", function: { name: "f", arguments: "{}" } };
  expect(
    brief(
      read(
        stream(
          delta({ role: "assistant", content: "" }),
          other(1, { content: "b" }),
          other(1, { content: "c" }),
          other(2, { content: "another" }),
          other(2, { tool_calls: [call] }),
          finish("stop"),
        ),
      ),
    ),
  ).toEqual(["text: bc", "tool-start", "tool-delta", "tool-end", "finish: stop"]);
});

describe("usage in any place", () => {
  const usage = { prompt_tokens: 10, completion_tokens: 4, total_tokens: 14 };
  const places: [string, unknown[]][] = [
    ["in the finish chunk", [{ ...finish("stop"), usage }]],
    ["in a chunk of its own", [finish("stop"), { choices: [], usage }]],
    ["in x_groq", [{ ...finish("stop"), x_groq: { usage } }]],
    ["in the choice", [finish("stop", { usage })]],
    [
      "on every chunk",
      [
        { ...delta({ content: "b" }), usage: { ...usage, completion_tokens: 1 } },
        { ...finish("stop"), usage },
      ],
    ],
    ["before the finish", [{ choices: [], usage }, finish("stop")]],
  ];
  for (const [name, chunks] of places) {
    test(name, () => {
      const told = read(stream(delta({ content: "a" }), ...chunks)).filter((fact) => fact.type === "usage");
      expect(told.at(-1)?.usage).toMatchObject({ inputTokens: 10, outputTokens: 4 });
    });
  }
});

describe("mistakes of servers", () => {
  test("a whole message that repeats the text adds nothing", () => {
    const whole = { choices: [{ index: 0, message: { content: "Hi" }, finish_reason: "stop" }] };
    expect(brief(read(stream(delta({ content: "Hi" }), whole)))).toEqual(["text: Hi", "finish: stop"]);
  });

  test("noise between events is skipped", () => {
    expect(brief(read(stream("garbage", delta({ content: "a" }), "{broken", finish("stop"))))).toEqual([
      "text: a",
      "finish: stop",
    ]);
  });

  test("text of another choice is left out", () => {
    const second = { choices: [{ index: 1, delta: { content: "b" } }] };
    expect(brief(read(stream(delta({ content: "a" }), second, finish("stop"))))).toEqual([
      "text: a",
      "finish: stop",
    ]);
  });

  test("the only choice is read, whatever its number", () => {
    const only = (index: unknown) => [
      { choices: [{ index, delta: { content: "a" } }] },
      { choices: [{ index, delta: {}, finish_reason: "stop" }] },
    ];
    for (const index of [1, "0", null, undefined]) {
      expect(brief(read(stream(...only(index))))).toEqual(["text: a", "finish: stop"]);
    }
  });

  test("zero counts do not replace earlier ones, and numbers may be strings", () => {
    const usage = (prompt_tokens: unknown, completion_tokens: unknown) => ({
      choices: [],
      usage: { prompt_tokens, completion_tokens },
    });
    const facts = read(
      stream(delta({ content: "a" }), finish("stop"), usage("10", "4"), usage(0, 0), {
        choices: [],
        usage: {},
      }),
    );
    expect(facts.filter((fact) => fact.type === "usage")).toEqual([
      { type: "usage", usage: { inputTokens: 10, outputTokens: 4, cacheReadTokens: 0, cacheWriteTokens: 0 } },
    ]);
  });

  test("endless white space takes linear time", () => {
    const reader = createReader(planFor(ask()), written);
    const frame = { event: "", data: JSON.stringify(delta({ content: " \n" })) };
    for (let i = 0; i < 100_000; i++) reader.push(frame);
    expect(brief(reader.push({ event: "", data: JSON.stringify(delta({ content: "a" })) }))[0]).toMatch(/a$/);
  });

  test("nothing is read after a failure or [DONE]", () => {
    expect(brief(read(stream({ error: { message: "no" } }, delta({ content: "a" }))))).toEqual([
      "failure: upstream",
    ]);
    expect(brief(read(stream(finish("stop"), "[DONE]", delta({ content: "a" }))))).toEqual(["finish: stop"]);
  });
});
