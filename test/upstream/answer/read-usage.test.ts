import { expect, test } from "bun:test";
import { readUsage } from "../../../src/upstream/answer/read-usage.ts";

type Row = [
  name: string,
  usage: Record<string, unknown>,
  rule: "included" | "excluded" | "in-total",
  counts: number[],
];

/** Counts are: input, cache read, cache write, output, reasoning (−1: not reported). */
const rows: Row[] = [
  [
    "the names of OpenAI's newer API",
    {
      input_tokens: 100,
      output_tokens: 5,
      input_tokens_details: { cached_tokens: 40 },
      output_tokens_details: { reasoning_tokens: 2 },
    },
    "included",
    [60, 40, 0, 5, 2],
  ],
  [
    "cached and written tokens are part of the prompt",
    {
      prompt_tokens: 1000,
      completion_tokens: 10,
      prompt_tokens_details: { cached_tokens: 800, cache_write_tokens: 50 },
    },
    "included",
    [150, 800, 50, 10, -1],
  ],
  [
    "more cached than prompt tokens means that they are not part of it, and reasoning may be missing",
    {
      prompt_tokens: 100,
      completion_tokens: 10,
      total_tokens: 150,
      prompt_tokens_details: { cached_tokens: 120 },
      completion_tokens_details: { reasoning_tokens: 40 },
    },
    "excluded",
    [100, 120, 0, 50, 40],
  ],
  [
    "missing reasoning shows in the total",
    {
      prompt_tokens: 100,
      completion_tokens: 10,
      total_tokens: 150,
      completion_tokens_details: { reasoning_tokens: 40 },
    },
    "included",
    [100, 0, 0, 50, 40],
  ],
  [
    "reasoning is only in the total",
    { prompt_tokens: 10, completion_tokens: 5, total_tokens: 40 },
    "in-total",
    [10, 0, 0, 30, -1],
  ],
  [
    "cache hits at the top level",
    { prompt_tokens: 10, completion_tokens: 1, prompt_cache_hit_tokens: 6, prompt_cache_miss_tokens: 4 },
    "included",
    [4, 6, 0, 1, -1],
  ],
  [
    "two plain counts",
    { prompt_tokens: 10, completion_tokens: 2, total_tokens: 12 },
    "included",
    [10, 0, 0, 2, -1],
  ],
  [
    "invalid values count as zero",
    {
      prompt_tokens: "ten",
      completion_tokens: -3,
      prompt_tokens_details: null,
      completion_tokens_details: { reasoning_tokens: Number.NaN },
    },
    "included",
    [0, 0, 0, 0, -1],
  ],
];

for (const [name, usage, reasoningUsage, [input, read, write, output, reasoning]] of rows) {
  test(name, () => {
    const counted = readUsage(usage, reasoningUsage);
    expect([
      counted.inputTokens,
      counted.cacheReadTokens,
      counted.cacheWriteTokens,
      counted.outputTokens,
      counted.reasoningTokens ?? -1,
    ]).toEqual([input, read, write, output, reasoning].map((count) => count ?? 0));
  });
}

test("a total proves that cached tokens are not counted in, or tells the prompt", () => {
  const cached = { prompt_tokens: 100, completion_tokens: 4, prompt_tokens_details: { cached_tokens: 40 } };
  expect(readUsage({ ...cached, total_tokens: 144 }, "included")).toMatchObject({
    inputTokens: 100,
    cacheReadTokens: 40,
  });
  expect(readUsage({ ...cached, total_tokens: 104 }, "included")).toMatchObject({
    inputTokens: 60,
    cacheReadTokens: 40,
  });
  expect(readUsage({ prompt_tokens: 0, completion_tokens: 4, total_tokens: 14 }, "included")).toMatchObject({
    inputTokens: 10,
    outputTokens: 4,
  });
});
