import { expect, test } from "bun:test";
import { addEntry, addSums, noSums } from "../../src/telemetry/sums.ts";
import { entry } from "../support/entries.ts";

function sumUp(...entries: ReturnType<typeof entry>[]) {
  const sums = { ...noSums };
  for (const each of entries) addEntry(sums, each);
  return sums;
}

test("a message without a known cost is unpriced, unless it used nothing", () => {
  expect(sumUp(entry({ costUsd: undefined }))).toMatchObject({ costUsd: 0, unpriced: 1 });
  expect(sumUp(entry({ costUsd: undefined, inputTokens: 0, outputTokens: 0 }))).toMatchObject({
    unpriced: 0,
  });
});

test("sums add up to the sums of all", () => {
  const [one, other] = [entry({ error: "overloaded" }), entry({ costUsd: undefined })];
  expect(addSums(sumUp(one), sumUp(other))).toEqual(sumUp(one, other));
  expect(addSums(noSums, sumUp(one))).toEqual(sumUp(one));
});
