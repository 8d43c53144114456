import { expect, jest, test } from "bun:test";
import { ProxyError } from "../../src/errors.ts";
import type { ReplyEvent } from "../../src/reply.ts";
import { createLog, type LogFormat } from "../../src/telemetry/log.ts";
import { type Measurement, MessageRecord, type Outcome } from "../../src/telemetry/record.ts";
import { said } from "../support/reply-events.ts";

const usage = {
  inputTokens: 10,
  cacheReadTokens: 5,
  cacheWriteTokens: 1,
  outputTokens: 3,
  reasoningTokens: 2,
  costUsd: 0.0125,
};
const used: ReplyEvent = { type: "usage", usage };
const failure: ReplyEvent = {
  type: "failure",
  error: new ProxyError("overloaded", "Busy", { upstreamStatus: 503 }),
};

const done: ReplyEvent = { type: "finish", reason: "stop" };
const about = { id: "req_1", asked: "opus", sent: "big", backend: "host:1", stream: true };

type Options = { readonly format?: LogFormat; readonly act?: (record: MessageRecord) => void };

function record(
  facts: readonly ReplyEvent[],
  outcome: Outcome,
  { format = "text", act = () => {} }: Options = {},
) {
  const lines: string[] = [];
  const log = createLog("INFO", (line) => void lines.push(line), { format });
  const record = new MessageRecord(log, {
    ...about,
    session: "s1",
    class: "main",
    client: "cli/1 (x)",
  });
  act(record);
  if (facts.length > 0) record.see(facts);
  record.end(outcome);
  record.end("client left");
  return { lines, usage: record.usage() };
}

test("a message is one line, however often it ends", () => {
  const { lines, usage: reported } = record([said("Hi"), used, done], "answered");
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^\d{4}-\d\d-\d\dT\S+Z INFO .*message answered id=req_1 asked=opus sent=big /);
  expect(lines[0]).toMatch(
    / backend=host:1 stream=true session=s1 class=main client="cli\/1 \(x\)" status=200 /,
  );
  expect(lines[0]).toMatch(
    / stop_reason=end_turn took_ms=\d+ first_token_ms=\d+ input_tokens=16 cached_tokens=5 /,
  );
  expect(lines[0]).toMatch(/ output_tokens=3 reasoning_tokens=2 cost_usd=0.0125$/);
  expect(reported).toEqual(usage);
});

test("as JSON, numbers are numbers", () => {
  const { lines } = record([said("Hi"), used, done], "answered", { format: "json" });
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({
    status: 200,
    took_ms: expect.any(Number),
    first_token_ms: expect.any(Number),
    input_tokens: 16,
    cost_usd: 0.0125,
  });
});

test("a failure in the answer is a warning with its cause, and its usage does not count", () => {
  const { lines, usage: reported } = record([said("Hi"), used, failure], "answered");
  expect(lines[0]).toMatch(
    /WARNING .*message failed.* error_type=overloaded_error backend_status=503 error=Busy$/,
  );
  expect(lines[0]).not.toContain("stop_reason");
  expect(reported).toBeUndefined();
});

test("a call of a tool is told as the client sees it", () => {
  const call: ReplyEvent = { type: "tool-start", lane: 0, id: "call_1", name: "Read" };
  expect(record([call, done], "answered").lines[0]).toContain("stop_reason=tool_use");
});

test("a client that left before the first token has no first-token time", () => {
  const { lines } = record([used], "client left");
  expect(lines[0]).toMatch(/INFO .*message client left.* took_ms=/);
  expect(lines[0]).not.toMatch(/first_token_ms|status=/);
});

test("every further attempt is a line, and counted in the message's own", () => {
  const { lines } = record([said("Hi")], "answered", {
    act(record) {
      record.again({ kind: "repeated", error: "Busy" });
      record.again({ kind: "corrected", change: "left out top_k", error: "Unknown field" });
    },
  });
  expect(lines[0]).toMatch(/INFO .*Sending the request again id=req_1 backend=host:1 error=Busy$/);
  expect(lines[1]).toContain('change="left out top_k" error="Unknown field"');
  expect(lines[2]).toMatch(/ retries=1 healed=1$/);
});

test("what a message took is told once, with the pieces that were read", () => {
  const told: Measurement[] = [];
  const record = new MessageRecord(
    createLog("ERROR", () => {}),
    about,
    {
      measure: (measurement) => void told.push(measurement),
      // What the backend says is not estimated.
      price: () => ({ input: 1e6, output: 1e6 }),
    },
  );
  record.again({ kind: "repeated", error: "Busy" });
  record.again({ kind: "corrected", change: "left out stop", error: "No" });
  for (const facts of [[said("Hi")], [said("!"), used], [failure]]) record.see(facts);
  record.end("answered");
  record.end("client left");
  expect(told).toEqual([
    {
      outcome: "failed",
      seconds: expect.any(Number),
      firstSeconds: expect.any(Number),
      chunks: 3,
      usage,
      costUsd: usage.costUsd,
      stopReason: undefined,
      failure: "overloaded",
      retries: 1,
      healed: ["left out stop"],
    },
  ]);
});

test("a wait for the first token is told from time to time, until it comes", () => {
  jest.useFakeTimers();
  try {
    const lines: string[] = [];
    const log = createLog("INFO", (line) => void lines.push(line));
    // No other test has a timer of this length.
    const record = new MessageRecord(log, about, { waitMs: 42_000 });
    jest.advanceTimersByTime(41_000);
    expect(lines).toEqual([]);
    jest.advanceTimersByTime(50_000);
    expect(lines).toEqual([
      expect.stringContaining("Still waiting for the first token, 42 s id=req_1 sent=big backend=host:1"),
      expect.stringContaining("Still waiting for the first token, 84 s"),
    ]);
    record.see([said("Hi")]);
    jest.advanceTimersByTime(90_000);
    expect(lines).toHaveLength(2);
    record.end("answered");
  } finally {
    jest.useRealTimers();
  }
});
