import { expect, test } from "bun:test";
import { createCompileSwitch } from "../../src/journey/delay-compiling.ts";

test("the program compiles as usual after a few requests, and is told so once", () => {
  let begun = 0;
  const begin = createCompileSwitch(() => {
    begun += 1;
  });
  begin();
  expect(begun).toBe(0);
  for (let requests = 1; requests < 1000; requests += 1) begin();
  expect(begun).toBe(1);
});
