import { expect, test } from "bun:test";
import { wait } from "../../src/lib/wait.ts";

test("ends after the time, or when nobody waits any more", async () => {
  const { signal } = new AbortController();
  expect(await wait(1, signal)).toBeUndefined();
  const leave = new AbortController();
  const left = wait(60_000, leave.signal);
  leave.abort();
  expect(await left).toBeUndefined();
  expect(await wait(60_000, leave.signal)).toBeUndefined();
});
