/** How many tokens an answer may have: as many as the client asks for, within what the backend allows. */
import type { ModelFacts } from "../catalog/models.ts";
import type { Config } from "../config/read-config.ts";

export type MaxTokensOptions = {
  /** The client's `max_tokens`. */
  readonly requested: number;
  readonly facts: ModelFacts | undefined;
  readonly limits: Pick<Config["limits"], "maxTokens" | "minTokens">;
  readonly reasoningOn: boolean;
  /** Estimated tokens of the prompt, its media at their lowest price. */
  readonly promptTokens: () => number;
};

/**
 * `max_tokens` for the backend, at least 1. Reasoning raises a small value to the configured floor; without reasoning
 * the client's value is kept, because probes and classifiers depend on it. The backend's limits override both.
 */
export function clampMaxTokens({
  requested,
  facts,
  limits,
  reasoningOn,
  promptTokens,
}: MaxTokensOptions): number {
  const lifted = reasoningOn ? Math.max(requested, limits.minTokens) : requested;
  const wanted = Math.max(1, Math.min(lifted, facts?.maxOutput ?? limits.maxTokens));
  const window = facts?.contextWindow;
  // The prompt is sized only where it may leave too little room.
  if (wanted <= minRoom || window === undefined) return wanted;
  return Math.min(wanted, roomLeft(window, promptTokens()));
}

/** No backend accepts a smaller reasoning budget. */
const minBudget = 1024;

/** Tokens for reasoning, which must leave some of `maxTokens` for the answer; undefined if that is impossible. */
export function clampBudget(budgetTokens: number | undefined, maxTokens: number): number | undefined {
  if (budgetTokens === undefined) return undefined;
  const budget = Math.min(budgetTokens, maxTokens - 1);
  return budget >= minBudget ? budget : undefined;
}

/** Less than this is no useful answer, and the prompt's estimate may be wrong by more. */
const minRoom = 1024;

/**
 * The room that the window leaves for the answer. A prompt that seems to fill the window is left to the backend: it
 * knows the true count, and its refusal makes the client compact, whereas an answer of a few tokens would tell it
 * nothing.
 */
function roomLeft(window: number, promptTokens: number): number {
  return Math.max(window - promptTokens, minRoom);
}
