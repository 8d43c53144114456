import { expect, test } from "bun:test";
import { createNames, mergeNames } from "../../src/telemetry/sum-by-name.ts";
import { noSums } from "../../src/telemetry/sums.ts";

const day = 24 * 3_600_000;

test("only the names of one day are kept, and the last to be seen go last", () => {
  const names = createNames();
  for (let count = 0; count < 201; count += 1) names.find(`n${count}`, day).messages += 1;
  names.find("n1", day).messages += 1;
  names.find("new", day).messages += 1;
  const kept = names.list(day).map(({ name }) => name);
  expect([kept.length, kept.includes("n0"), kept.includes("n1"), kept.includes("n2")]).toEqual([
    200,
    false,
    true,
    false,
  ]);
  expect(names.list(2 * day)).toEqual([]);
  names.find("late", 2 * day).messages += 1;
  expect(names.list(2 * day).map(({ name }) => name)).toEqual(["late"]);
});

test("names are merged, the dearest first, then those with the most tokens", () => {
  const named = (name: string, costUsd: number, outputTokens: number) => ({
    ...noSums,
    name,
    costUsd,
    outputTokens,
  });
  expect(
    mergeNames([named("a", 1, 5), named("b", 1, 9), named("c", 0.5, 1), named("c", 1, 1)]).map(
      ({ name }) => name,
    ),
  ).toEqual(["c", "b", "a"]);
});
