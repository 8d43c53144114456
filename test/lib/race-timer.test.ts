import { expect, test } from "bun:test";
import { raceTimer } from "../../src/lib/race-timer.ts";

test("a promise that settles in time decides", async () => {
  expect(await raceTimer(Promise.resolve("value"), 60_000)).toBe("value");
  await expect(raceTimer(Promise.reject(new Error("refused")), 60_000)).rejects.toThrow("refused");
});

test("a promise that stays silent gives nothing", async () => {
  expect(await raceTimer(new Promise<string>(() => {}), 1)).toBeUndefined();
});
