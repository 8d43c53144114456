import { describe, expect, test } from "bun:test";
import {
  findMedian,
  formatCost,
  formatCount,
  formatDuration,
  formatShare,
  formatTokens,
  tokenRate,
} from "../../../src/page/browser/format.ts";

describe("numbers are written as people read them", () => {
  test.each([
    [0, "0"],
    [950, "950"],
    [1000, "1k"],
    [12_345, "12.3k"],
    [123_456, "123k"],
    [1_250_000, "1.3M"],
  ])("%p tokens", (tokens, written) => expect(formatTokens(tokens)).toBe(written));

  test.each([
    [undefined, "–"],
    [0, "$0"],
    [0.00001, "<$0.0001"],
    [0.00123, "$0.0012"],
    [0.024, "$0.024"],
    [0.5, "$0.50"],
    [12.345, "$12.35"],
    [1234.5, "$1235"],
  ])("%p dollars", (dollars, written) => expect(formatCost(dollars)).toBe(written));

  test.each([
    [undefined, "–"],
    [0, "0 ms"],
    [999, "999 ms"],
    [1500, "1.5 s"],
    [59_000, "59 s"],
    [125_000, "2 min 5 s"],
    [7_260_000, "2 h 1 min"],
    [864_000_000, "10 days"],
  ])("%p ms", (ms, written) => expect(formatDuration(ms)).toBe(written));

  test("a share is nothing or all only if it is", () => {
    expect([formatShare(0, 10), formatShare(1, 1000), formatShare(999, 1000), formatShare(5, 5)]).toEqual([
      "0 %",
      "1 %",
      "99 %",
      "100 %",
    ]);
    expect(formatShare(3, 0)).toBe("0 %");
  });

  test("a count has separators", () => expect(formatCount(1_234_567)).toBe("1,234,567"));
});

test("the speed is that after the first token, if it can be told", () => {
  expect(tokenRate(100, 3000, 1000)).toBe(50);
  for (const [tokens, took, first] of [
    [100, 3000, undefined],
    [1, 3000, 1000],
    [100, 1010, 1000],
  ] as const)
    expect(tokenRate(tokens, took, first)).toBeUndefined();
});

test("the median is in the middle", () => {
  expect([findMedian([]), findMedian([3]), findMedian([9, 1, 2]), findMedian([4, 1])]).toEqual([
    undefined,
    3,
    2,
    2.5,
  ]);
});
