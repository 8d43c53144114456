import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type OpenAI from "openai";
import { accumulateResponse } from "openai/lib/responses/ResponseAccumulator";
import { SseDecoder } from "../../../../src/lib/decode-sse.ts";
import type { ReplyEvent } from "../../../../src/reply.ts";
import { unpackItems } from "../../../../src/upstream/openai-responses/carry-items.ts";
import { createEventReader } from "../../../../src/upstream/openai-responses/reply/read-events.ts";
import { readResponse } from "../../../../src/upstream/openai-responses/reply/read-response.ts";
import { answerOf } from "../../../support/answers.ts";
import { generatedResponse } from "../../../support/generate-responses.ts";
import { splitBytes } from "../../../support/generators.ts";
import {
  callItem,
  encodeEvents,
  messageItem,
  reasoningItem,
  responseOf,
  streamOf,
} from "../../../support/responses-replies.ts";
import { responsesPlan, writtenResponses } from "../../../support/responses-requests.ts";

const plan = responsesPlan({ thinking: { type: "adaptive" } });
const written = writtenResponses({});

/** The facts in SSE text, read in the given pieces. */
function read(pieces: readonly Uint8Array[]): ReplyEvent[] {
  const decoder = new SseDecoder();
  const reader = createEventReader(plan, written);
  const facts = pieces.flatMap((piece) => decoder.push(piece)).flatMap((frame) => reader.push(frame));
  return [...facts, ...decoder.end().flatMap((frame) => reader.push(frame)), ...reader.end()];
}

const bytesOf = (events: readonly { readonly type: string }[]) =>
  new TextEncoder().encode(encodeEvents(events));
const readEvents = (...events: { readonly type: string }[]) => read([bytesOf(events)]);

/** Adjacent pieces of one text or one call, joined, because it does not matter how they were cut. */
function joined(facts: readonly ReplyEvent[]): ReplyEvent[] {
  const out: ReplyEvent[] = [];
  const arguments_ = new Map<number, string>();
  for (const fact of facts) {
    const last = out.at(-1);
    if (fact.type === "tool-delta") arguments_.set(fact.lane, (arguments_.get(fact.lane) ?? "") + fact.json);
    else if ((fact.type === "text-delta" || fact.type === "thinking-delta") && last?.type === fact.type)
      out[out.length - 1] = { ...fact, text: last.text + fact.text };
    else if (fact.type !== "tool-end") out.push(fact);
  }
  return [...out, ...[...arguments_].map(([lane, json]): ReplyEvent => ({ type: "tool-delta", lane, json }))];
}

const response = generatedResponse();

describe("any response", () => {
  test("split anywhere, says what the same response in one piece says", () => {
    const cases = response.chain((one) => fc.tuple(fc.constant(one), splitBytes(bytesOf(streamOf(one)))));
    fc.assert(
      fc.property(cases, ([one, pieces]) => {
        const whole = readResponse(responseOf(one), "", plan, written);
        expect(joined(read(pieces))).toEqual(joined(whole));
      }),
      { numRuns: 300 },
    );
  });

  test("means what OpenAI's own client makes of it, in valid grammar", () => {
    fc.assert(
      fc.property(response, (one) => {
        const events = streamOf(one);
        let oracle: OpenAI.Responses.Response | undefined;
        for (const event of events) oracle = accumulateResponse(event, oracle);
        const { content, usage } = answerOf(read([bytesOf(events)]));
        const output = oracle?.output ?? [];
        const calls = output.flatMap((item) =>
          item.type === "function_call" ? [[item.call_id, item.name, JSON.parse(item.arguments)]] : [],
        );
        expect(
          content.flatMap((block) =>
            block.type === "tool_use" ? [[block.id, block.name, block.input]] : [],
          ),
        ).toEqual(calls);
        const texts = output.flatMap((item) =>
          item.type === "message"
            ? item.content.map((part) => (part.type === "output_text" ? part.text : ""))
            : [],
        );
        const said = content.flatMap((block) => (block.type === "text" ? [block.text] : [])).join("");
        expect(said.replaceAll("\n\n", "")).toBe(texts.join("").replaceAll("\n\n", ""));
        const summaries = output.flatMap((item) =>
          item.type === "reasoning" ? item.summary.map(({ text }) => text) : [],
        );
        const thought = content
          .flatMap((block) => (block.type === "thinking" ? [block.thinking] : []))
          .join("");
        expect(thought.replaceAll("\n\n", "")).toBe(summaries.join("").replaceAll("\n\n", ""));
        expect(usage.output_tokens).toBe(oracle?.usage?.output_tokens ?? 0);
        const carried = content.flatMap((block) =>
          block.type === "thinking" || block.type === "redacted_thinking"
            ? (unpackItems(block, plan)?.reasoning ?? [])
            : [],
        );
        const items = output.filter((item) => item.type === "reasoning");
        expect<unknown>(carried).toEqual(items);
      }),
      { numRuns: 300 },
    );
  });

  test("cut off anywhere ends in a failure, after which nothing comes", () => {
    fc.assert(
      fc.property(response, fc.nat(), (one, at) => {
        const events = streamOf(one);
        const facts = readEvents(...events.slice(0, at % (events.length - 1)));
        expect(facts.at(-1)).toMatchObject({ type: "failure", error: { kind: "upstream" } });
        expect(facts.filter(({ type }) => type === "failure" || type === "finish")).toHaveLength(1);
      }),
    );
  });
});

describe("servers that differ", () => {
  const events = streamOf({
    items: [
      reasoningItem("rs_1", "Look"),
      messageItem("Hello"),
      callItem("call_first", "Read", { path: "a" }),
    ],
  });
  const expected = joined(readEvents(...events));
  const change = (edit: (event: Record<string, unknown>) => object | undefined) =>
    joined(
      readEvents(
        ...events.flatMap((event) => {
          const edited = edit({ ...event });
          return edited === undefined ? [] : [{ type: event.type, ...edited }];
        }),
      ),
    );

  test.each<[string, Parameters<typeof change>[0]]>([
    [
      "have other ids in every event",
      (event) => ({ ...event, ...("item_id" in event && { item_id: Math.random() }) }),
    ],
    ["number nothing", ({ output_index, ...event }) => event],
    ["announce no items", (event) => (event.type === "response.output_item.added" ? undefined : event)],
    ["send no pieces", (event) => (String(event.type).endsWith(".delta") ? undefined : event)],
    ["send only the end", (event) => (event.type === "response.completed" ? event : undefined)],
    ["send no ends of items", (event) => (event.type === "response.output_item.done" ? undefined : event)],
    [
      "leave the output out at the end",
      (event) => {
        if (event.type !== "response.completed") return event;
        return { ...event, response: { ...responseOf({ items: [] }), output: [] } };
      },
    ],
    ["name events only outside the data", ({ type, ...event }) => event],
  ])("%s", (_, edit) => {
    const facts = change(edit);
    const calls = (all: readonly ReplyEvent[]) => all.filter(({ type }) => type.startsWith("tool-"));
    expect(calls(facts)).toEqual(calls(expected));
    for (const type of ["text-delta", "thinking-delta", "finish"])
      expect(facts.filter((fact) => fact.type === type)).toEqual(
        expected.filter((fact) => fact.type === type),
      );
  });

  test("end with [DONE] alone, once every item has ended", () => {
    const text = `${encodeEvents(events.slice(0, -1))}data: [DONE]\n\n`;
    expect(read([new TextEncoder().encode(text)]).at(-1)).toEqual({ type: "finish", reason: "stop" });
    const cut = `${encodeEvents(events.slice(0, -2))}data: [DONE]\n\n`;
    expect(read([new TextEncoder().encode(cut)]).at(-1)).toMatchObject({ type: "failure" });
  });
});

describe("calls of servers whose places are wrong", () => {
  const inputs = ['{"path":"a"}', '{"path":"b"}'] as const;
  const items = inputs.map((input, at) => callItem(`call_${at}`, "Read", JSON.parse(input)));
  const events = streamOf({ items, mixed: true, pieces: 4 });
  const argumentsOf = (facts: readonly ReplyEvent[]) =>
    joined(facts).flatMap((fact) => (fact.type === "tool-delta" ? [fact.json] : []));
  const startsOf = (facts: readonly ReplyEvent[]) =>
    facts.flatMap((fact) => (fact.type === "tool-start" ? [fact.id] : []));

  type Event = Record<string, unknown> & { readonly type: string };
  const isPiece = ({ type }: Event) => /arguments\.(delta|done)$/.test(type);
  test.each<[string, (event: Event) => Event | readonly Event[]]>([
    [
      "numbers only announcements",
      (event) => (isPiece(event) ? { ...event, output_index: undefined } : event),
    ],
    ["numbers only pieces", (event) => (isPiece(event) ? event : { ...event, output_index: undefined })],
    ["gives all one number", (event) => ({ ...event, output_index: 0 })],
    [
      "names the call in place of the item",
      (event) =>
        isPiece(event)
          ? { ...event, output_index: undefined, item_id: String(event.item_id).replace("fc", "call") }
          : event,
    ],
    ["announces each twice", (event) => (event.type.endsWith(".added") ? [event, event] : event)],
    ["ends each twice", (event) => (event.type.endsWith(".done") ? [event, event] : event)],
  ])("%s", (_, edit) => {
    const facts = readEvents(...events.flatMap((event) => edit({ ...event })));
    expect(startsOf(facts)).toEqual(["call_0", "call_1"]);
    expect(argumentsOf(facts)).toEqual([...inputs]);
  });

  test("sends pieces after announcing all, or an empty object", () => {
    for (const announced of ["{}", inputs[0]]) {
      const facts = readEvents(
        ...streamOf({ items: items.slice(0, 1), pieces: 4 }).map((event) =>
          event.type === "response.output_item.added"
            ? { ...event, item: { ...event.item, arguments: announced } }
            : event,
        ),
      );
      expect(argumentsOf(facts)).toEqual([inputs[0]]);
    }
  });

  test("tells the name only at the end of the arguments", () => {
    const events: object[] = [
      { type: "response.output_item.added", output_index: 0, item: { type: "function_call", id: "fc_0" } },
      { type: "response.function_call_arguments.done", item_id: "fc_0", name: "Read", arguments: inputs[0] },
      { type: "response.completed", response: { status: "completed", output: [] } },
    ];
    const facts = readEvents(...events.map((event) => ({ type: "", ...event })));
    expect(startsOf(facts)).toEqual(["fc_0"]);
    expect(argumentsOf(facts)).toEqual([inputs[0]]);
  });
});

test("a piece before its announcement belongs to the item", () => {
  const one = {
    items: [reasoningItem("rs_0", "Look"), messageItem("Hello"), callItem("call_2", "Read", { path: "a" })],
  };
  const events = streamOf({ ...one, pieces: 100 });
  const late = events.flatMap((event, at) => {
    if (event.type === "response.output_item.added") return [];
    const added = events[at - 1];
    const isFirst = "delta" in event;
    const announced = events.find(
      (other) =>
        other.type === "response.output_item.added" &&
        "output_index" in event &&
        other.output_index === event.output_index,
    );
    return isFirst && announced && added ? [event, announced] : [event];
  });
  expect(joined(readEvents(...late))).toEqual(joined(readEvents(...events)));
});

test("parts of which only the end comes are read once", () => {
  const place = { output_index: 0, item_id: "one" };
  const done = { type: "response.completed", response: { status: "completed", output: [] } };
  const summary = { ...place, type: "response.reasoning_summary_text.done" };
  const words = (...events: { type: string }[]) =>
    joined(readEvents(...events, done)).flatMap((fact) => ("text" in fact ? [fact.text] : []));
  expect(
    words({ ...summary, ...{ text: "One" } }, { ...summary, ...{ summary_index: 1, text: "Two" } }),
  ).toEqual(["One\n\nTwo"]);
  const ended = { ...place, type: "response.output_text.done" };
  expect(
    words(
      { ...ended, ...{ content_index: 0, text: "a" } },
      { ...ended, ...{ content_index: 1, text: "ab" } },
    ),
  ).toEqual(["aab"]);
  const refusal = Object.assign({ type: "response.refusal.done" }, { ...place, refusal: "No" });
  expect(joined(readEvents(refusal, done))).toEqual([
    { type: "text-delta", text: "No" },
    { type: "finish", reason: "refusal" },
  ]);
  const own = Object.assign({ type: "response.reasoning_text.done" }, { ...place, text: "Hm" });
  expect(words(own)).toEqual(["Hm"]);
});

describe("a failure", () => {
  test.each(["failed", "cancelled"])("is a response that is %s, in both forms", (status) => {
    const response = { ...responseOf({ items: [] }), status };
    const failure = [
      { type: "failure", error: { kind: "upstream", message: expect.stringContaining(status) } },
    ];
    expect(readResponse(response, "", plan, written)).toMatchObject(failure);
    expect(readEvents(Object.assign({ type: "response.completed" }, { response }))).toMatchObject(failure);
  });

  test.each(["queued", "in_progress"])("is an answer that is only %s", (status) => {
    const response = { ...responseOf({ items: [] }), status };
    expect(readResponse(response, "", plan, written)).toMatchObject([
      { type: "failure", error: { message: expect.stringContaining(status) } },
    ]);
  });

  const failed = (error: object) => ({ type: "response.failed", response: { status: "failed", error } });
  test.each<[string, { type: string }, kind: string, words: RegExp]>([
    [
      "response.failed",
      failed({ code: "rate_limit_exceeded", message: "Slow down" }),
      "rate-limit",
      /Slow down/,
    ],
    ["without an explanation", { type: "response.failed" }, "upstream", /response\.failed/],
    ["invalid_prompt", failed({ code: "invalid_prompt", message: "Flagged" }), "invalid-request", /Flagged/],
    [
      "error",
      Object.assign({ type: "error" }, { code: "server_error", message: "Oops", param: null }),
      "upstream",
      /Oops/,
    ],
    [
      "error in an object",
      Object.assign({ type: "error" }, { error: { type: "server_error", message: "Oops" } }),
      "upstream",
      /Oops/,
    ],
    [
      "a prompt that is too long",
      Object.assign(
        { type: "error" },
        {
          code: "context_length_exceeded",
          message:
            "Your input exceeds the context window of this model. Please adjust your input and try again.",
        },
      ),
      "prompt-too-long",
      /prompt is too long/,
    ],
    [
      "another protocol",
      Object.assign({ type: "" }, { choices: [{ delta: { content: "a" } }] }),
      "",
      /BACKEND_PROTOCOL=chat/,
    ],
  ])("is read from %s", (_, event, kind, words) => {
    const [fact] = readEvents(event);
    expect(fact).toMatchObject({ type: "failure", error: { message: expect.stringMatching(words) } });
    if (kind !== "" && fact?.type === "failure") expect<string>(fact.error.kind).toBe(kind);
  });

  test("is a web page, or noise that explains why nothing came", () => {
    expect(
      read([new TextEncoder().encode("data: <html><title>Bad gateway</title></html>\n\n")]),
    ).toMatchObject([{ type: "failure", error: { message: "Bad gateway" } }]);
    expect(read([new TextEncoder().encode('data: {"message":"Out of memory"}\n\n')])).toMatchObject([
      { type: "failure", error: { message: "Out of memory" } },
    ]);
  });

  test("is one call too many", () => {
    const calls = Array.from({ length: 1001 }, (_, at) => callItem(`call_${at}`, "Read", {}));
    expect(readEvents(...streamOf({ items: calls })).at(-1)).toMatchObject({
      type: "failure",
      error: { message: expect.stringContaining("1000"), isOurs: true },
    });
  });
});

test("a long text in short pieces takes linear time", () => {
  const reader = createEventReader(plan, written);
  const event = { type: "response.output_text.delta", output_index: 0, item_id: "m", delta: "ab" };
  const frame = { event: event.type, data: JSON.stringify(event) };
  for (let piece = 0; piece < 200_000; piece += 1) reader.push(frame);
  const done = {
    type: "response.output_item.done",
    output_index: 0,
    item: { type: "message", content: [{ text: "ab".repeat(200_000) }] },
  };
  expect(reader.push({ event: "", data: JSON.stringify(done) })).toEqual([]);
});

test("the window that was full is told from the answer's own limit", () => {
  const small = { ...plan, hardWindow: 100, request: { ...plan.request, max_tokens: 90 } };
  const reader = createEventReader(small, written);
  const whole = responseOf({
    items: [messageItem("Hi")],
    incomplete: "max_output_tokens",
    usage: { input: 60, output: 40 },
  });
  const facts = reader.push({
    event: "",
    data: JSON.stringify({ type: "response.incomplete", response: whole }),
  });
  expect(facts.at(-1)).toEqual({ type: "finish", reason: "context-window" });
});
