import { expect, test } from "bun:test";
import { once } from "../../src/lib/once.ts";

test("a value is made when it is first asked for, and only then", () => {
  let times = 0;
  const value = once(() => {
    times += 1;
    return undefined;
  });
  expect(times).toBe(0);
  expect([value(), value()]).toEqual([undefined, undefined]);
  expect(times).toBe(1);
});
