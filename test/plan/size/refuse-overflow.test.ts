import { describe, expect, test } from "bun:test";
import { ProxyError } from "../../../src/errors.ts";
import { isConstant, isHonest, isTruncated, refuseOverflow } from "../../../src/plan/size/refuse-overflow.ts";

describe("refuseOverflow", () => {
  const plan = { size: () => ({ minTokens: 205_000 }), hardWindow: 200_000, fallbackModels: [] };
  const counted = async () => ({ tokens: 250_000, minTokens: 210_000 });

  test("refuses a prompt that surely exceeds the window, in Anthropic's words", async () => {
    const thrown = await refuseOverflow(plan, counted)?.catch((error: unknown) => error);
    expect(thrown).toEqual(
      new ProxyError("prompt-too-long", "prompt is too long: 250000 tokens > 200000 maximum"),
    );
  });

  test("accepts a prompt that was overestimated", () =>
    refuseOverflow(plan, async () => ({ tokens: 190_000, minTokens: 180_000 })));

  const passing: readonly [string, object][] = [
    ["may fit after all", { size: () => ({ minTokens: 200_000 }) }],
    ["has an unknown window", { hardWindow: undefined }],
    ["has fallback models", { fallbackModels: ["wider"] }],
  ];
  for (const [name, change] of passing) {
    test(`leaves a prompt to the backend that ${name}`, () =>
      refuseOverflow({ ...plan, ...change }, counted));
  }
});

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
