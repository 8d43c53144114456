/** Sums of all messages of a process, for the summary after `run`. */
import type { Usage } from "../reply.ts";

export type Totals = {
  readonly messages: number;
  readonly failed: number;
  /** Tokens of all prompts, cached ones included. */
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
  /** US dollars, as far as the backend or its prices say; undefined if they never do. */
  readonly costUsd: number | undefined;
};

export type Tally = {
  count(message: {
    readonly isFailed: boolean;
    readonly usage: Usage | undefined;
    readonly costUsd: number | undefined;
  }): void;
  readonly totals: Totals;
};

export function createTally(): Tally {
  let totals: Totals = {
    messages: 0,
    failed: 0,
    inputTokens: 0,
    cachedTokens: 0,
    outputTokens: 0,
    costUsd: undefined,
  };
  return {
    count({ isFailed, usage, costUsd }) {
      totals = {
        messages: totals.messages + 1,
        failed: totals.failed + (isFailed ? 1 : 0),
        inputTokens: totals.inputTokens + (usage ? promptTokens(usage) : 0),
        cachedTokens: totals.cachedTokens + (usage?.cacheReadTokens ?? 0),
        outputTokens: totals.outputTokens + (usage?.outputTokens ?? 0),
        costUsd: costUsd === undefined ? totals.costUsd : (totals.costUsd ?? 0) + costUsd,
      };
    },
    get totals() {
      return totals;
    },
  };
}

/** All tokens of a prompt, cached or not. */
export function promptTokens(usage: Usage): number {
  return usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;
}
