import { expect, test } from "bun:test";
import { createErrorGroups, mergeErrors } from "../../src/telemetry/group-errors.ts";
import { entry } from "../support/entries.ts";

test("errors that are alike are counted together, the last first, and their number is bounded", () => {
  const errors = createErrorGroups();
  errors.count(entry({ startedAt: 1, tookMs: 1 }), "first");
  errors.count(entry({ startedAt: 2, tookMs: 1 }), "second");
  errors.count(entry({ startedAt: 3, tookMs: 1 }), "first");
  errors.count(entry({ startedAt: 4, tookMs: 1, model: "other" }), "first");
  const seen = () => errors.list().map(({ error, model, count, lastAt }) => [error, model, count, lastAt]);
  expect(seen()).toEqual([
    ["first", "other", 1, 5],
    ["first", "big-model", 2, 4],
    ["second", "big-model", 1, 3],
  ]);
  for (let count = 0; count < 48; count += 1) errors.count(entry(), `more ${count}`);
  expect([errors.list().length, seen().at(-1)?.[0], seen().at(-1)?.[1]]).toEqual([50, "first", "big-model"]);
});

test("those of several processes are merged in the same way", () => {
  const group = (error: string, count: number, lastAt: number) => ({
    ...{ error, count, lastAt },
    ...{ status: 529, backend: "b", model: "m" },
  });
  expect(mergeErrors([group("one", 1, 5), group("two", 1, 9), group("one", 2, 4)])).toEqual([
    group("two", 1, 9),
    group("one", 3, 5),
  ]);
});
