import { describe, expect, test } from "bun:test";
import { listBuckets, mergeStates } from "../../../src/page/browser/state.ts";
import type { PageState } from "../../../src/page/page-state.ts";
import { createJournal } from "../../../src/telemetry/journal.ts";
import { noSums } from "../../../src/telemetry/sums.ts";
import { entry } from "../../support/entries.ts";

const now = new Date(2026, 10, 28, 12, 30, 20).getTime();

function stateOf(changes: Partial<PageState> = {}): PageState {
  const snapshot = createJournal(() => now).snapshot();
  return {
    ...snapshot,
    version: "1",
    now,
    isWhole: false,
    hasUsage: false,
    errors: [],
    routes: [],
    backends: [],
    ...changes,
  };
}

const bucket = (at: number, messages: number) => ({ ...noSums, at, messages });

describe("a state", () => {
  test("is what was known, with what is new in it", () => {
    const first = stateOf({
      isWhole: true,
      recent: [entry({ id: "b" }), entry({ id: "a" })],
      minutes: [bucket(1, 1), bucket(2, 2)],
    });
    const next = stateOf({
      recent: [entry({ id: "c" }), entry({ id: "b" })],
      minutes: [bucket(2, 3), bucket(3, 1)],
    });
    const merged = mergeStates(first, next);
    expect(merged.recent.map(({ id }) => id)).toEqual(["c", "b", "a"]);
    expect(merged.minutes.map(({ at, messages }) => [at, messages])).toEqual([
      [1, 1],
      [2, 3],
      [3, 1],
    ]);
    expect(mergeStates(merged, first)).toBe(first);
    expect(mergeStates(undefined, next)).toBe(next);
  });

  test("keeps no more requests than are shown", () => {
    const many = Array.from({ length: 200 }, (_, number) => entry({ id: `old-${number}` }));
    const merged = mergeStates(stateOf({ recent: many }), stateOf({ recent: [entry({ id: "new" })] }));
    expect(merged.recent).toHaveLength(200);
    expect(merged.recent[0]?.id).toBe("new");
  });
});

test("buckets are as many as are drawn, also where nothing happened", () => {
  const minute = 60_000;
  const start = now - (now % minute);
  const minutes = listBuckets(stateOf({ minutes: [bucket(start - 2 * minute, 7)] }), "minutes");
  expect(minutes).toHaveLength(60);
  expect(minutes.slice(-3).map(({ messages }) => messages)).toEqual([7, 0, 0]);
  expect(minutes.at(-1)?.at).toBe(start);
  const midnight = new Date(2026, 10, 28).getTime();
  // Those of a proxy in a time zone three hours away.
  const days = listBuckets(stateOf({ days: [bucket(midnight - 3 * 60 * minute, 5)] }), "days");
  expect(days.at(-1)).toMatchObject({ messages: 5 });
});
