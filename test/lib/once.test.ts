import { expect, test } from "bun:test";
import { once } from "../../src/lib/once.ts";

test("an object is made when it is first asked for, and only then", () => {
  let times = 0;
  const value = once(() => {
    times += 1;
    return {};
  });
  expect(times).toBe(0);
  expect(value()).toBe(value());
  expect(times).toBe(1);
});
