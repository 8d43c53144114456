import { describe, expect, test } from "bun:test";
import { isConstant, isHonest, isTruncated } from "../../../src/plan/size/find-truncation.ts";

describe("isTruncated", () => {
  const rows: readonly [reported: number, tokens: number, minTokens: number, media: number, cut: boolean][] =
    [
      [4096, 25_000, 20_000, 0, true],
      [4095, 25_000, 20_000, 0, true],
      [9000, 25_000, 20_000, 0, true],
      [16_384, 25_000, 20_000, 0, true],
      [16_000, 25_000, 20_000, 0, false],
      [24_000, 25_000, 20_000, 0, false],
      // Not sure enough of what to expect.
      [9000, 25_000, 8000, 0, false],
      // No window is this small; and images, whose price is unknown.
      [10, 25_000, 20_000, 0, false],
      [600, 1500, 1000, 0, false],
      [4096, 25_000, 20_000, 10_000, false],
    ];
  for (const [reported, tokens, minTokens, media, cut] of rows) {
    test(`${reported} of ${tokens}, at least ${minTokens}, ${media} of media: ${cut}`, () =>
      expect(isTruncated({ reported, expected: { tokens, minTokens }, media })).toBe(cut));
  }
});

test("a low report is honest if it grows with the prompt", () => {
  const doubted = { own: 20_000, reported: 6000 };
  expect(isHonest({ own: 30_000, reported: 9000 }, doubted)).toBe(true);
  expect(isHonest({ own: 30_000, reported: 6000 }, doubted)).toBe(false);
  expect(isHonest({ own: 20_100, reported: 6030 }, doubted)).toBe(false);
  expect(isHonest({ own: 30_000, reported: 9000 }, undefined)).toBe(false);
});

test("the same report for prompts of different sizes is a full window, whatever its size", () => {
  const report = { reported: 5000, expected: { tokens: 12_000, minTokens: 4000 }, media: 0 };
  const last = { own: 9000, reported: 5001 };
  expect(isConstant(report, { own: 12_000, reported: 5000 }, last)).toBe(true);
  expect(isConstant(report, { own: 9100, reported: 5000 }, last)).toBe(false);
  expect(isConstant(report, { own: 12_000, reported: 5000 }, { ...last, reported: 4000 })).toBe(false);
  expect(isConstant({ ...report, reported: 11_000 }, { own: 12_000, reported: 11_000 }, last)).toBe(false);
});
