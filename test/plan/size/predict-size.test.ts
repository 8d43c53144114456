import { expect, test } from "bun:test";
import { createCalibration } from "../../../src/plan/size/calibrate.ts";
import { type Anchor, learnSize, type OwnCount, predictSize } from "../../../src/plan/size/predict-size.ts";

const own = (text: number, more: Partial<OwnCount> = {}, tools = 0): OwnCount => ({
  load: { whole: 1, text, tools },
  media: 0,
  guessed: 0,
  ...more,
});
const guess = (prompt: OwnCount, anchor?: Anchor) => predictSize(prompt, anchor, createCalibration(1));

test("a first prompt is our count and what a template adds", () => {
  expect(guess(own(1000)).tokens).toBe(1005);
  expect(guess(own(0)).minTokens).toBe(1);
});

test("a conversation's next prompt is its last report and what came since", () => {
  const anchor = { own: own(1000), reported: 5000 };
  expect(guess(own(1000), anchor).tokens).toBe(5000);
  expect(guess(own(1200), anchor).tokens).toBe(5200);
  expect(guess(own(1000, { media: 300 }), anchor).tokens).toBe(5300);
});

test("a prompt that is not the continuation of the last one is counted anew", () => {
  const anchor = { own: own(1000, {}, 100), reported: 5000 };
  expect(guess(own(400, {}, 100), anchor).tokens).toBe(505);
  expect(guess(own(1000, {}, 200), anchor).tokens).toBe(1205);
});

test("the lower bound is lower for what is less certain", () => {
  const width = (prompt: OwnCount, anchor?: Anchor) => {
    const { tokens, minTokens } = guess(prompt, anchor);
    return tokens - minTokens;
  };
  const counted = width(own(10_000));
  expect(width(own(10_000, { guessed: 10_000 }))).toBeGreaterThan(counted);
  expect(width(own(10_000, { media: 5000 }))).toBeGreaterThan(counted);
  expect(width(own(10_000), { own: own(9900), reported: 10_000 })).toBeLessThan(counted);
});

test("a report teaches the rates, unless images or estimates make it uncertain", () => {
  const learned = (prompt: OwnCount, reported: number, anchor?: Anchor) => {
    const calibration = createCalibration(1);
    learnSize(prompt, anchor, calibration, reported);
    return calibration.predict({ whole: 1, text: 1000, tools: 0 });
  };
  expect(learned(own(1000), 1200)).toBeGreaterThan(1100);
  expect(learned(own(1000, { media: 500 }), 1200)).toBe(1005);
  const anchor = { own: own(9000, { media: 500 }), reported: 20_000 };
  expect(learned(own(10_000, { media: 500 }), 21_200, anchor)).toBeGreaterThan(1100);
});

test("media leave the answer the room that they need at their cheapest", () => {
  const { tokens, tokensWithoutMedia } = guess(own(1000, { media: 200_000 }));
  expect(tokens).toBe(201_005);
  expect(tokensWithoutMedia).toBe(21_005);
  const anchor = { own: own(1000, { media: 200_000 }), reported: 90_000 };
  expect(guess(own(1000, { media: 200_000 }), anchor).tokensWithoutMedia).toBe(90_000);
});
