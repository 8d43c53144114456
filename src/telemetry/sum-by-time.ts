/** Sums of times that follow one another: minutes, hours, days. */
import { dropFirst } from "../lib/drop-first.ts";
import { addSums, noSums, type RunningSums, type Sums } from "./sums.ts";

export type Bucket = Sums & {
  /** When it begins; Unix time, ms. */
  readonly at: number;
};

/** @param max buckets that are kept, the newest */
export function createBuckets(max: number) {
  const buckets = new Map<number, RunningSums>();
  return {
    /** @param start when the bucket begins */
    find(start: number): RunningSums {
      const known = buckets.get(start);
      if (known) return known;
      const sums = { ...noSums };
      buckets.set(start, sums);
      dropFirst(buckets, max);
      return sums;
    },
    list: (): Bucket[] =>
      [...buckets].map(([at, sums]) => ({ at, ...sums })).sort((one, other) => one.at - other.at),
  };
}

/** In the order of time. */
export function mergeBuckets(buckets: readonly Bucket[]): Bucket[] {
  const merged = new Map<number, Sums>();
  for (const { at, ...sums } of buckets) merged.set(at, addSums(merged.get(at) ?? noSums, sums));
  return [...merged].map(([at, sums]) => ({ at, ...sums })).sort((one, other) => one.at - other.at);
}
