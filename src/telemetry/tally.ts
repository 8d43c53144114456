/** Sums of all messages of a process, for the summary after `run`. */
import { promptTokens, type Usage } from "../reply.ts";

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
  const totals = { messages: 0, failed: 0, inputTokens: 0, cachedTokens: 0, outputTokens: 0 };
  let cost: number | undefined;
  return {
    count({ isFailed, usage, costUsd }) {
      totals.messages += 1;
      if (isFailed) totals.failed += 1;
      if (usage) {
        totals.inputTokens += promptTokens(usage);
        totals.cachedTokens += usage.cacheReadTokens;
        totals.outputTokens += usage.outputTokens;
      }
      if (costUsd !== undefined) cost = (cost ?? 0) + costUsd;
    },
    get totals() {
      return { ...totals, costUsd: cost };
    },
  };
}
