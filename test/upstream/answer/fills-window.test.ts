import { expect, test } from "bun:test";
import { fillsWindow } from "../../../src/upstream/answer/fills-window.ts";
import { planFor } from "../../support/plans.ts";
import { ask } from "../../support/proxy.ts";

const usage = (inputTokens: number, outputTokens: number) => ({
  inputTokens,
  cacheReadTokens: 100,
  cacheWriteTokens: 0,
  outputTokens,
});
const plan = { ...planFor(ask({ max_tokens: 500 })), maxTokens: 500, hardWindow: 1000 };

test.each<[name: string, input: number, output: number, fills: boolean]>([
  ["an answer that ends at the window", 600, 300, true],
  ["a few tokens before it", 590, 300, true],
  ["well before it", 500, 300, false],
  ["an answer as long as the client allows", 400, 500, false],
])("%s", (_, input, output, fills) => {
  expect(fillsWindow(plan, usage(input, output))).toBe(fills);
});

test("an answer that the prompt left less room than the client allows fills the window", () => {
  expect(fillsWindow({ ...plan, maxTokens: 200 }, usage(500, 200))).toBe(true);
});

test("without usage or a known window, no answer is said to fill it", () => {
  expect(fillsWindow(plan, undefined)).toBe(false);
  expect(fillsWindow({ ...plan, hardWindow: undefined, facts: undefined }, usage(900, 99))).toBe(false);
});
