import { expect, test } from "bun:test";
import { createTally } from "../../src/telemetry/tally.ts";

const usage = {
  inputTokens: 10,
  cacheReadTokens: 5,
  cacheWriteTokens: 1,
  outputTokens: 3,
};

test("sums of several messages", () => {
  const tally = createTally();
  for (const isFailed of [false, true]) tally.count({ isFailed, usage, costUsd: 0.0125 });
  tally.count({ isFailed: true, usage: undefined, costUsd: undefined });
  expect(tally.totals).toEqual({
    messages: 3,
    failed: 2,
    inputTokens: 32,
    cachedTokens: 10,
    outputTokens: 6,
    costUsd: 0.025,
  });
});
