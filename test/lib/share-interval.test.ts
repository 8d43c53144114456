import { expect, test } from "bun:test";
import { shareInterval } from "../../src/lib/share-interval.ts";

const calls = (times: number, ms: number): Promise<void> =>
  new Promise((resolve) => {
    let left = times;
    const repeated = shareInterval(() => {
      left -= 1;
      if (left > 0) return;
      repeated.stop();
      resolve();
    }, ms);
  });

test("every callback is called until it is stopped", async () => {
  let others = 0;
  const repeated = shareInterval(() => {
    others += 1;
  }, 1);
  await Promise.all([calls(3, 1), calls(2, 1), calls(2, 2)]);
  expect(others).toBeGreaterThanOrEqual(2);
  repeated.stop();
  repeated.stop();
  const before = others;
  await calls(3, 1);
  expect(others).toBe(before);
});
