import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { clampBudget, clampMaxTokens, type MaxTokensOptions } from "../../src/plan/clamp-limits.ts";

const wish = (change: Partial<MaxTokensOptions>): MaxTokensOptions => ({
  requested: 64_000,
  facts: undefined,
  limits: { maxTokens: 128_000, minTokens: 1024 },
  reasoningOn: false,
  promptTokens: () => 10_000,
  ...change,
});

test("a reasoning budget leaves room for the answer", () => {
  expect(clampBudget(undefined, 100)).toBeUndefined();
  expect(clampBudget(10_000, 64_000)).toBe(10_000);
  expect(clampBudget(31_999, 8192)).toBe(8191);
  expect(clampBudget(31_999, 1024)).toBeUndefined();
});

describe("clampMaxTokens", () => {
  const table: readonly [string, Partial<MaxTokensOptions>, number][] = [
    ["keeps a requested value that fits", {}, 64_000],
    ["cuts at the configured limit when the backend's is unknown", { requested: 200_000 }, 128_000],
    [
      "cuts at the backend's limit, even below the configured one",
      { facts: { id: "m", maxOutput: 8192 } },
      8192,
    ],
    [
      "prefers the backend's limit to the configured one",
      { requested: 300_000, facts: { id: "m", maxOutput: 256_000 } },
      256_000,
    ],
    ["leaves room for the prompt", { facts: { id: "m", contextWindow: 32_768 } }, 22_768],
    ["never asks for an answer of a few tokens only", { facts: { id: "m", contextWindow: 10_005 } }, 1024],
    ["leaves a prompt beyond the window to the backend", { facts: { id: "m", contextWindow: 8192 } }, 1024],
    ["keeps a small value without reasoning", { requested: 1 }, 1],
    ["raises a small value with reasoning", { requested: 512, reasoningOn: true }, 1024],
    [
      "raises it no higher than the backend allows",
      { requested: 1, reasoningOn: true, facts: { id: "m", maxOutput: 600 } },
      600,
    ],
    ["is never below 1", { requested: 0 }, 1],
  ];
  for (const [name, change, expected] of table) {
    test(name, () => expect(clampMaxTokens(wish(change))).toBe(expected));
  }

  test("holds these rules for any value", () => {
    const tokens = fc.integer({ min: 1, max: 2_000_000 });
    const known = fc.option(tokens, { nil: undefined });
    fc.assert(
      fc.property(
        fc.record({
          requested: fc.integer({ min: 0, max: 2_000_000 }),
          facts: fc.option(fc.record({ id: fc.constant("m"), maxOutput: known, contextWindow: known }), {
            nil: undefined,
          }),
          limits: fc.record({ maxTokens: tokens, minTokens: tokens }),
          reasoningOn: fc.boolean(),
          promptTokens: fc.integer({ min: 0, max: 2_000_000 }).map((tokens) => () => tokens),
        }),
        (options) => {
          const { requested, facts, limits, reasoningOn, promptTokens } = options;
          const result = clampMaxTokens(options);
          const room = (facts?.contextWindow ?? Number.POSITIVE_INFINITY) - promptTokens();
          expect(Number.isInteger(result)).toBe(true);
          expect(result).toBeGreaterThanOrEqual(1);
          expect(result).toBeLessThanOrEqual(facts?.maxOutput ?? limits.maxTokens);
          expect(result).toBeLessThanOrEqual(Math.max(room, 1024));
          if (!reasoningOn) expect(result).toBeLessThanOrEqual(Math.max(1, requested));
        },
      ),
    );
  });
});
