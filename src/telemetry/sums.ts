/** What messages took together. */
import type { MessageEntry } from "./entry.ts";

export type Sums = {
  readonly messages: number;
  readonly failed: number;
  /** Tokens of prompts, cached ones included. */
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
  /** US dollars; of the messages whose cost is known. */
  readonly costUsd: number;
  /** Messages whose cost is not known, though they have used tokens. */
  readonly unpriced: number;
};

/** Sums that are added to in place, because every message is added to several of them. */
export type RunningSums = { -readonly [Name in keyof Sums]: Sums[Name] };

export const noSums: Sums = {
  messages: 0,
  failed: 0,
  inputTokens: 0,
  cachedTokens: 0,
  outputTokens: 0,
  costUsd: 0,
  unpriced: 0,
};

export function addSums(one: Sums, other: Sums): Sums {
  return {
    messages: one.messages + other.messages,
    failed: one.failed + other.failed,
    inputTokens: one.inputTokens + other.inputTokens,
    cachedTokens: one.cachedTokens + other.cachedTokens,
    outputTokens: one.outputTokens + other.outputTokens,
    costUsd: one.costUsd + other.costUsd,
    unpriced: one.unpriced + other.unpriced,
  };
}

/** An order for lists: the most expensive first, then those with the most tokens. */
export function byCost(one: Sums, other: Sums): number {
  const tokens = ({ inputTokens, outputTokens }: Sums) => inputTokens + outputTokens;
  return other.costUsd - one.costUsd || tokens(other) - tokens(one);
}

export function addEntry(
  sums: RunningSums,
  { error, inputTokens, cachedTokens, outputTokens, costUsd }: MessageEntry,
): void {
  sums.messages += 1;
  if (error !== undefined) sums.failed += 1;
  sums.inputTokens += inputTokens;
  sums.cachedTokens += cachedTokens;
  sums.outputTokens += outputTokens;
  if (costUsd !== undefined) sums.costUsd += costUsd;
  else if (inputTokens + outputTokens > 0) sums.unpriced += 1;
}
