import { expect, test } from "bun:test";
import { createBuckets, mergeBuckets } from "../../src/telemetry/sum-by-time.ts";
import { noSums } from "../../src/telemetry/sums.ts";

test("buckets are listed in the order of time, and the first to be found goes first", () => {
  const buckets = createBuckets(2);
  for (const at of [3, 1, 3, 2]) buckets.find(at).messages += 1;
  expect(buckets.list()).toEqual([
    { ...noSums, at: 1, messages: 1 },
    { ...noSums, at: 2, messages: 1 },
  ]);
});

test("buckets of the same time become one", () => {
  const bucket = (at: number, messages: number) => ({ ...noSums, at, messages });
  expect(mergeBuckets([bucket(2, 1), bucket(1, 2), bucket(2, 3)])).toEqual([bucket(1, 2), bucket(2, 4)]);
});
