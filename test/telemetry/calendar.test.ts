import { expect, test } from "bun:test";
import { createDayFinder, endOfDay, startOfDay } from "../../src/telemetry/calendar.ts";

const at = (...parts: readonly [number, number?, number?]) => new Date(2026, 10, ...parts).getTime();

test("a day lasts from midnight to midnight", () => {
  expect(startOfDay(at(28, 12, 30))).toBe(at(28));
  expect(startOfDay(at(28))).toBe(at(28));
  expect(endOfDay(at(28))).toBe(at(29));
});

test("the day is found for times in any order", () => {
  const dayOf = createDayFinder();
  for (const time of [at(28, 23), at(29), at(28, 1), at(27, 23), at(29, 12)])
    expect(dayOf(time)).toBe(startOfDay(time));
});
