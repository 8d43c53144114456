import { expect, test } from "bun:test";
import { costOf } from "../../src/telemetry/cost.ts";

const usage = {
  inputTokens: 100_000,
  cacheReadTokens: 200_000,
  cacheWriteTokens: 50_000,
  outputTokens: 10_000,
};

test("what the backend says counts, also if that is nothing", () => {
  expect(costOf({ ...usage, costUsd: 0.5 }, { input: 1, output: 1 })).toBe(0.5);
  expect(costOf({ ...usage, costUsd: 0 }, { input: 1, output: 1 })).toBe(0);
});

test("otherwise its prices do, with those of the cache if they are known", () => {
  expect(costOf(usage, { input: 2, output: 10 })).toBeCloseTo(0.8);
  expect(costOf(usage, { input: 2, output: 10, cacheRead: 0.2, cacheWrite: 2.5 })).toBeCloseTo(0.465);
  expect(costOf(usage, { input: 0, output: 0 })).toBe(0);
});

test("without either it is unknown", () => {
  expect(costOf(usage, undefined)).toBeUndefined();
});
