import { expect, test } from "bun:test";
import { ProxyError } from "../../src/errors.ts";
import type { ReplyEvent } from "../../src/reply.ts";
import { createLog } from "../../src/telemetry/log.ts";
import { createMessageRecord, type Measurement, type Outcome } from "../../src/telemetry/record.ts";
import { said } from "../support/reply-events.ts";

const usage = { inputTokens: 10, cacheReadTokens: 5, cacheWriteTokens: 1, outputTokens: 3 };
const used: ReplyEvent = { type: "usage", usage };
const failure: ReplyEvent = {
  type: "failure",
  error: new ProxyError("overloaded", "Busy", { upstreamStatus: 503 }),
};

function record(facts: readonly ReplyEvent[], outcome: Outcome, model = "big") {
  const lines: string[] = [];
  const log = createLog("INFO", (line) => void lines.push(line));
  const record = createMessageRecord(log, { id: "req_1", asked: "opus", model, stream: true });
  if (facts.length > 0) record.see(facts);
  record.end(outcome);
  record.end("client left");
  return { lines, usage: record.usage() };
}

test("a message is one line, however often it ends", () => {
  const { lines, usage: reported } = record([said("Hi"), used], "answered");
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/INFO .*message answered/);
  expect(lines[0]).toMatch(
    / id=req_1 model=opus→big form=stream took=\d+\.\d\ds first=\d+ms in=16 cached=5 out=3$/,
  );
  expect(reported).toEqual(usage);
});

test("a failure in the answer is a warning with its cause, and its usage does not count", () => {
  const { lines, usage: reported } = record([said("Hi"), used, failure], "answered");
  expect(lines[0]).toMatch(/WARNING .*message failed.* backend=503 error=Busy$/);
  expect(reported).toBeUndefined();
});

test("a client that left says nothing of failures, and nothing is invented", () => {
  const { lines } = record([], "client left", "opus");
  expect(lines[0]).toMatch(/INFO .*message client left.* model=opus form=stream took=\d+\.\d\ds$/);
});

test("what a message took is told once, with the pieces that were read", () => {
  const told: Measurement[] = [];
  const about = { id: "req_1", asked: "opus", model: "big", stream: true };
  const record = createMessageRecord(
    createLog("ERROR", () => {}),
    about,
    (measurement) => void told.push(measurement),
  );
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
      failure: "overloaded",
    },
  ]);
});
