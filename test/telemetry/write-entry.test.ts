import { expect, test } from "bun:test";
import type { Measurement } from "../../src/telemetry/record.ts";
import { writeEntry } from "../../src/telemetry/write-entry.ts";

const start = { id: "req_1", startedAt: 1, asked: "opus", model: "first", backend: "there:1", stream: true };
const measured: Measurement = {
  outcome: "answered",
  seconds: 1.5,
  firstSeconds: undefined,
  chunks: 0,
  usage: undefined,
  costUsd: undefined,
  stopReason: undefined,
  failure: undefined,
  retries: 0,
  healed: [],
};
const place = { model: "second", backend: "here:1" };

test("a message is kept with the place that answered it, and its times in ms", () => {
  const usage = { inputTokens: 10, cacheReadTokens: 5, cacheWriteTokens: 1, outputTokens: 3 };
  expect(writeEntry(start, place, { ...measured, firstSeconds: 0.25, usage })).toMatchObject({
    ...{ ...start, ...place, status: 200, error: undefined, tookMs: 1500, firstTokenMs: 250 },
    ...{ inputTokens: 16, cachedTokens: 5, cacheWriteTokens: 1, outputTokens: 3, reasoningTokens: 0 },
  });
});

test("the end of a message is an HTTP status", () => {
  const end = (changes: Partial<Measurement>) => {
    const { status, error } = writeEntry(start, place, { ...measured, ...changes });
    return [status, error];
  };
  expect(end({ outcome: "client left" })).toEqual([499, undefined]);
  expect(end({ outcome: "failed", failure: "overloaded" })).toEqual([529, "overloaded"]);
  expect(end({ outcome: "failed" })).toEqual([500, "internal"]);
});

test("what was healed is bounded, in number and length", () => {
  const healed = Array.from({ length: 11 }, () => "x".repeat(1000));
  const kept = writeEntry(start, place, { ...measured, healed }).healed;
  expect([kept.length, kept.every((change) => change.length < 250)]).toEqual([10, true]);
});
