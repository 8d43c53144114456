import { expect, test } from "bun:test";
import { isShown } from "../../../src/page/browser/filter-messages.ts";
import { entry } from "../../support/entries.ts";

const failed = entry({ error: "overloaded", client: "ann" });
const repaired = entry({ retries: 1, class: "compaction" });

test("the failed and the repaired can be shown alone", () => {
  const shown = (filter: Parameters<typeof isShown>[1]) =>
    [entry(), failed, repaired].map((message) => isShown(message, filter, ""));
  expect(shown("all")).toEqual([true, true, true]);
  expect(shown("failed")).toEqual([false, true, false]);
  expect(shown("repaired")).toEqual([false, false, true]);
});

test("all words must be somewhere in what names a message", () => {
  const finds = (words: string) => [failed, repaired].map((message) => isShown(message, "all", words));
  expect(finds("ANN over")).toEqual([true, false]);
  expect(finds("opus compact")).toEqual([false, true]);
  expect(finds("ann compact")).toEqual([false, false]);
});
