/** How many tokens an answer may have: the client's wish, inside what the backend can do. */
import type { ModelFacts } from "../catalog/models.ts";
import type { Config } from "../config/read-config.ts";

export type OutputWish = {
  /** The client's `max_tokens`. */
  readonly requested: number;
  readonly facts: ModelFacts | undefined;
  readonly limits: Config["limits"];
  readonly reasoningOn: boolean;
  /** What the prompt will cost, estimated. */
  readonly promptTokens: number;
};

/**
 * `max_tokens` for the backend, at least 1. Reasoning raises a small wish to the configured floor; without it the
 * wish is kept, as probes and classifiers depend on that. The backend's limits win over both.
 */
export function clampMaxTokens({ requested, facts, limits, reasoningOn, promptTokens }: OutputWish): number {
  const ceiling = Math.min(facts?.maxOutput ?? limits.maxTokens, roomLeft(facts, promptTokens));
  const wish = reasoningOn ? Math.max(requested, limits.minTokens) : requested;
  return Math.max(1, Math.min(wish, ceiling));
}

/** No backend takes a smaller allowance for reasoning. */
const minBudget = 1024;

/** Tokens for reasoning, which must leave some of `maxTokens` for the answer; undefined where that cannot be. */
export function clampBudget(budgetTokens: number | undefined, maxTokens: number): number | undefined {
  if (budgetTokens === undefined) return undefined;
  const budget = Math.min(budgetTokens, maxTokens - 1);
  return budget >= minBudget ? budget : undefined;
}

/** Less than this is no answer; and the prompt's estimate may be wrong by more. */
const minRoom = 1024;

/**
 * What the window leaves for the answer. A prompt that seems to fill it is left to the backend: it knows the true
 * count, and its refusal makes the client compact, where an answer of a few tokens would tell it nothing.
 */
function roomLeft(facts: ModelFacts | undefined, promptTokens: number): number {
  const room = (facts?.contextWindow ?? Number.POSITIVE_INFINITY) - promptTokens;
  return Math.max(room, minRoom);
}
