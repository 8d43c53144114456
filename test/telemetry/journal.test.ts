import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { startOfDay } from "../../src/telemetry/calendar.ts";
import { createJournal, firstTokenBounds, mergeSnapshots } from "../../src/telemetry/journal.ts";
import { addEntry, noSums } from "../../src/telemetry/sums.ts";
import { entry } from "../support/entries.ts";

const noon = startOfDay(Date.UTC(2026, 10, 28, 12)) + 12 * 3_600_000;
const minute = 60_000;

describe("a journal", () => {
  test("has a message in progress until it ends", () => {
    const journal = createJournal(() => noon);
    let chunks = 0;
    const message = journal.begin(entry({ startedAt: noon }), () => ({ firstTokenMs: undefined, chunks }));
    chunks = 3;
    expect(journal.snapshot().live).toMatchObject([{ id: "req_1", chunks: 3 }]);
    journal.end(entry({ startedAt: noon }), message);
    const { live, recent, total, today } = journal.snapshot();
    expect(live).toEqual([]);
    expect(recent).toHaveLength(1);
    expect(today).toMatchObject(total);
    expect(total).toEqual({
      ...noSums,
      messages: 1,
      inputTokens: 1000,
      cachedTokens: 400,
      outputTokens: 50,
      costUsd: 0.01,
    });
  });

  test("keeps a bounded number of everything, the newest", () => {
    const journal = createJournal(() => noon);
    for (let count = 0; count < 5000; count += 1)
      journal.end(
        entry({
          id: `req_${count}`,
          startedAt: noon - (5000 - count) * minute,
          session: `s${count}`,
          error: "overloaded",
          model: `m${count}`,
        }),
      );
    const { recent, minutes, hours, errors, sessions, total } = journal.snapshot();
    expect([recent.length, minutes.length, hours.length, errors.length]).toEqual([200, 180, 84, 50]);
    expect(recent[0]?.id).toBe("req_4999");
    expect(errors[0]?.model).toBe("m4999");
    expect(sessions.length).toBe(200);
    expect(total.messages).toBe(5000);
  });

  test("sums up the sessions and clients of today only", () => {
    let now = noon;
    const journal = createJournal(() => now);
    for (const session of ["a", "b", "a"]) journal.end(entry({ startedAt: now, session, client: "ann" }));
    const named = journal.snapshot().sessions.map(({ name, messages }) => [name, messages]);
    expect(named).toEqual([
      ["a", 2],
      ["b", 1],
    ]);
    expect(journal.snapshot().clients).toMatchObject([{ name: "ann", messages: 3 }]);
    now += 24 * 60 * minute;
    expect(journal.snapshot()).toMatchObject({ sessions: [], clients: [], today: noSums });
    journal.end(entry({ startedAt: now, session: "c" }));
    expect(journal.snapshot().sessions.map(({ name }) => name)).toEqual(["c"]);
    expect(journal.snapshot().days.map(({ messages }) => messages)).toEqual([3, 1]);
  });

  test("goes on by days after a clock that was far ahead", () => {
    const day = 24 * 60 * 60_000;
    let time = Date.UTC(2026, 10, 28, 12);
    const journal = createJournal(() => time);
    journal.end(entry({ startedAt: time + 400 * day, client: "ann" }));
    journal.end(entry({ startedAt: time, client: "bob" }));
    expect(journal.snapshot().clients.map(({ name }) => name)).toEqual(["bob"]);
    time += 60_000;
    expect(journal.snapshot().today.messages).toBe(1);
  });

  test("counts how long first tokens took", () => {
    const journal = createJournal(() => noon);
    for (const firstTokenMs of [1, 100, 101, 1e9, undefined]) journal.end(entry({ firstTokenMs }));
    const { firstTokens } = journal.snapshot();
    expect(firstTokens.slice(0, 2)).toEqual([2, 1]);
    expect(firstTokens.at(-1)).toBe(1);
    expect(firstTokens).toHaveLength(firstTokenBounds.length + 1);
  });
});

test("several journals say together what one would have said", () => {
  const arbitrary = fc.record({
    startedAt: fc.integer({ min: noon - 90 * minute, max: noon }),
    session: fc.constantFrom("a", "b", undefined),
    client: fc.constantFrom("ann", undefined),
    error: fc.constantFrom("overloaded", undefined),
    firstTokenMs: fc.nat({ max: 100_000 }),
    outputTokens: fc.nat({ max: 1000 }),
    costUsd: fc.constantFrom(undefined, 0, 0.25),
  });
  fc.assert(
    fc.property(fc.array(fc.tuple(arbitrary, fc.nat({ max: 2 })), { maxLength: 50 }), (rows) => {
      const one = createJournal(() => noon);
      const several = [0, 1, 2].map(() => createJournal(() => noon));
      for (const [index, [changes, place]] of rows.entries()) {
        // At different times: which of two at the same moment is the newer is open.
        const row = entry({ ...changes, id: `req_${index}`, tookMs: index });
        one.end(row);
        several[place]?.end(row);
      }
      const merged = mergeSnapshots(several.map((journal) => journal.snapshot()));
      const alone = mergeSnapshots([one.snapshot()]);
      const ofNames = ({ sessions }: typeof merged) => new Map(sessions.map((sums) => [sums.name, sums]));
      expect(ofNames(merged)).toEqual(ofNames(alone));
      for (const part of ["total", "today", "minutes", "hours", "days", "firstTokens"] as const)
        expect(merged[part]).toEqual(alone[part]);
      expect(merged.recent.map(({ id }) => id).sort()).toEqual(alone.recent.map(({ id }) => id).sort());
      const count = (groups: typeof merged.errors) => groups.reduce((sum, group) => sum + group.count, 0);
      expect(count(merged.errors)).toBe(count(alone.errors));
      const total = { ...noSums };
      for (const [changes] of rows) addEntry(total, entry(changes));
      expect(merged.total).toEqual(total);
    }),
  );
});
