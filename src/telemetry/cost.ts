/** What a message costs. */
import type { Usage } from "../reply.ts";

/** Dollars for a million tokens. */
export type Price = {
  readonly input: number;
  readonly output: number;
  /** Of tokens read from a cache, and written to one; like `input` if the list does not say. */
  readonly cacheRead?: number | undefined;
  readonly cacheWrite?: number | undefined;
};

/** US dollars: what the backend says, else what its prices say; undefined if neither is known. */
export function costOf(usage: Usage, price: Price | undefined): number | undefined {
  if (usage.costUsd !== undefined || !price) return usage.costUsd;
  const { input, output, cacheRead = input, cacheWrite = input } = price;
  const millionths =
    usage.inputTokens * input +
    usage.cacheReadTokens * cacheRead +
    usage.cacheWriteTokens * cacheWrite +
    usage.outputTokens * output;
  return millionths / 1e6;
}
