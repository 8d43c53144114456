import { describe, expect, test } from "bun:test";
import { EventText } from "../../src/anthropic/encode-event.ts";
import type { StreamEvent } from "../../src/anthropic/wire-reply.ts";
import { StreamWriter, type WriterOptions } from "../../src/anthropic/write-stream.ts";
import { ProxyError } from "../../src/errors.ts";
import type { ReplyEvent } from "../../src/reply.ts";
import { checkStream, readFrames } from "../support/grammar.ts";

const options: WriterOptions = {
  model: "claude-opus-5-5",
  requestId: "req_1",
  promptSize: () => ({ tokens: 7 }),
  isTaken: () => false,
  toolSchema: () => undefined,
  thinking: "text",
  emptySignature: "sig",
};

const text = (text: string): ReplyEvent => ({ type: "text-delta", text });
const thinking = (text: string): ReplyEvent => ({ type: "thinking-delta", text });
const carrier = (carrier: string): ReplyEvent => ({ type: "thinking-carrier", carrier });
const tool = (lane: number, name: string, id = `call_number_${lane}`): ReplyEvent => ({
  type: "tool-start",
  lane,
  id,
  name,
});
const json = (lane: number, json: string): ReplyEvent => ({ type: "tool-delta", lane, json });
const stop: ReplyEvent = { type: "finish", reason: "stop" };

/** Writes facts; checks the stream against the grammar and returns it in short form. */
function write(facts: readonly ReplyEvent[], changed: Partial<WriterOptions> = {}) {
  const { writer, events: text } = open(changed);
  writer.start();
  const start = text.take();
  const steps = facts.map((fact) => {
    writer.push([fact]);
    return text.take();
  });
  writer.end();
  const events = checkStream([start, ...steps, text.take()].join(""), { allowTruncated: true });
  return { events, steps: steps.map(readFrames), brief: events.map(brief) };
}

function open(changed: Partial<WriterOptions> = {}) {
  const events = new EventText();
  const writer = new StreamWriter({ ...options, ...changed }, events);
  return { writer, events, sent: () => readFrames(events.take()).map(brief) };
}

function brief(event: StreamEvent): string {
  switch (event.type) {
    case "content_block_start":
      return `start ${event.index} ${event.content_block.type}`;
    case "content_block_delta":
      return `${event.index} ${Object.values(event.delta)[1]}`;
    case "content_block_stop":
      return `stop ${event.index}`;
    case "message_delta":
      return String(event.delta.stop_reason);
    default:
      return event.type;
  }
}

describe("blocks follow each other", () => {
  test("text", () => {
    expect(write([text("He"), text("llo"), stop]).brief).toEqual([
      "message_start",
      "start 0 text",
      "0 He",
      "0 llo",
      "stop 0",
      "end_turn",
      "message_stop",
    ]);
  });

  test("thinking is signed and closed before text", () => {
    expect(write([thinking("a"), thinking("b"), text("\n\nc"), stop]).brief).toEqual([
      "message_start",
      "start 0 thinking",
      "0 a",
      "0 b",
      "0 sig",
      "stop 0",
      "start 1 text",
      "1 c",
      "stop 1",
      "end_turn",
      "message_stop",
    ]);
  });

  test("the carrier becomes the signature, once", () => {
    expect(write([thinking("a"), carrier("state"), text("b"), stop]).brief).toContain("0 state");
    expect(write([carrier("state"), text("b"), stop]).events[1]).toEqual({
      type: "content_block_start",
      index: 0,
      content_block: { type: "redacted_thinking", data: "state" },
    });
  });

  test("reasoning that resumes opens a new block", () => {
    expect(write([thinking("a"), text("b"), thinking("c"), stop]).brief).toEqual([
      "message_start",
      "start 0 thinking",
      "0 a",
      "0 sig",
      "stop 0",
      "start 1 text",
      "1 b",
      "stop 1",
      "start 2 thinking",
      "2 c",
      "2 sig",
      "stop 2",
      "end_turn",
      "message_stop",
    ]);
  });

  test("thinking that is not displayed keeps its signature and loses its text", () => {
    expect(write([thinking("secret"), text("b"), stop], { thinking: "signature" }).brief.slice(1, 4)).toEqual(
      ["start 0 thinking", "0 sig", "stop 0"],
    );
  });

  test("reasoning alone ends the turn", () => {
    expect(write([thinking("a"), stop]).brief.slice(-4)).toEqual([
      "0 sig",
      "stop 0",
      "end_turn",
      "message_stop",
    ]);
  });

  test("an empty answer is legal", () => {
    expect(write([stop]).brief).toEqual(["message_start", "end_turn", "message_stop"]);
  });

  test("white space alone makes no block, and is kept before text", () => {
    expect(write([text(" \n"), tool(0, "a"), json(0, "{}"), text("\n"), stop]).brief).not.toContain(
      "start 0 text",
    );
    expect(write([text("  "), text("x"), stop]).brief).toContain("0   x");
  });
});

describe("tool calls", () => {
  test("the first piece of the arguments is sent when it comes", () => {
    const { steps } = write([tool(0, "Write"), json(0, '{"path":"a'), json(0, 'b"}'), stop]);
    expect(steps.map((step) => step.map(brief))).toEqual([
      ["start 0 tool_use", "0 "],
      ['0 {"path":"a'],
      ['0 b"}', "stop 0"],
      [],
    ]);
  });

  test("interleaved calls are sent one after the other", () => {
    const facts = [
      tool(0, "a"),
      json(0, '{"x":'),
      tool(1, "b"),
      json(1, '{"y"'),
      json(0, "1}"),
      json(1, ":2}"),
      stop,
    ];
    expect(write(facts).brief).toEqual([
      "message_start",
      "start 0 tool_use",
      "0 ",
      "0 {",
      '0 "x":1}',
      "stop 0",
      "start 1 tool_use",
      "1 {",
      '1 "y":2}',
      "stop 1",
      "tool_use",
      "message_stop",
    ]);
  });

  test("text after a call comes after it", () => {
    const facts = [tool(0, "a"), json(0, '{"x":1'), text("later"), json(0, "}"), text(" on"), stop];
    expect(write(facts).brief).toEqual([
      "message_start",
      "start 0 tool_use",
      "0 ",
      "0 {",
      '0 "x":1}',
      "stop 0",
      "start 1 text",
      "1 later",
      "1  on",
      "stop 1",
      "tool_use",
      "message_stop",
    ]);
  });

  test("a call without arguments gets an empty object", () => {
    const { events } = write([tool(0, "a"), tool(1, "b"), stop]);
    expect(events.filter((event) => event.type === "content_block_delta").map(brief)).toEqual([
      "0 ",
      "0 {}",
      "1 {}",
    ]);
  });

  test("a call that max_tokens cuts off stays cut off", () => {
    const { brief } = write([
      tool(0, "a"),
      json(0, '{"x":"rm -rf'),
      { type: "finish", reason: "max-tokens" },
    ]);
    expect(brief.slice(-4)).toEqual(['0 {"x":"rm -rf', "stop 0", "max_tokens", "message_stop"]);
  });
});

describe("the end", () => {
  test("without usage the counts are estimates, otherwise the last report counts", () => {
    const usageOf = (facts: ReplyEvent[]) =>
      write(facts).events.find((event) => event.type === "message_delta")?.usage;
    expect(usageOf([text("twelve chars"), stop])).toEqual({
      input_tokens: 7,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      output_tokens: 3,
    });
    const usage = {
      inputTokens: 1,
      cacheReadTokens: 2,
      cacheWriteTokens: 3,
      outputTokens: 4,
      reasoningTokens: 1,
    };
    expect(
      usageOf([
        { type: "usage", usage: { ...usage, outputTokens: 1 } },
        text("a"),
        stop,
        { type: "usage", usage },
      ]),
    ).toEqual({
      input_tokens: 1,
      cache_creation_input_tokens: 3,
      cache_read_input_tokens: 2,
      output_tokens: 4,
      output_tokens_details: { thinking_tokens: 1 },
    });
  });

  test("output tokens are estimated when the backend counts none", () => {
    const usage = { inputTokens: 5, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 0 };
    const { events } = write([text("twelve chars"), stop, { type: "usage", usage }]);
    expect(events.find((event) => event.type === "message_delta")?.usage).toMatchObject({
      input_tokens: 5,
      output_tokens: 3,
    });
  });

  test("a stream without a finish is an error, never an end_turn", () => {
    const { events } = write([text("a")]);
    expect(events.at(-1)).toMatchObject({ type: "error", error: { type: "api_error" } });
  });

  test("nothing follows a failure, and the open block stays open", () => {
    const { brief } = write([
      text("a"),
      { type: "failure", error: new ProxyError("overloaded", "Busy") },
      text("b"),
      stop,
    ]);
    expect(brief).toEqual(["message_start", "start 0 text", "0 a", "error"]);
  });
});

describe("keep-alive", () => {
  test("sends an empty delta in the open block, or in a thinking block that it opens", () => {
    const { writer, sent } = open();
    writer.start();
    expect(sent()).toEqual(["message_start"]);
    writer.keepAlive();
    expect(sent()).toEqual(["start 0 thinking", "0 "]);
    writer.keepAlive();
    expect(sent()).toEqual(["0 "]);
    writer.push([text("a")]);
    expect(sent()).toEqual(["0 sig", "stop 0", "start 1 text", "1 a"]);
    writer.keepAlive();
    expect(sent()).toEqual(["1 "]);
    writer.push([tool(0, "t")]);
    expect(sent()).toEqual(["stop 1", "start 2 tool_use", "2 "]);
    writer.keepAlive();
    expect(sent()).toEqual(["2 "]);
  });
});

test("does not wait for white space to become text", () => {
  const { writer, events } = open();
  writer.start();
  writer.push([text("\n")]);
  writer.keepAlive();
  writer.push([text("a"), stop]);
  writer.end();
  expect(checkStream(events.take()).map(brief)).toContain("1 \na");
});

test("endless white space takes linear time", () => {
  const { writer, sent } = open();
  writer.start();
  for (let i = 0; i < 200_000; i++) {
    writer.push([text("\n")]);
  }
  writer.push([text("a")]);
  expect(sent()).toEqual(["message_start", "start 0 text", `0 ${"\n".repeat(200_000)}a`]);
});
