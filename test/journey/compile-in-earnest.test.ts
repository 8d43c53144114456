import { expect, test } from "bun:test";
import { createCompileSwitch } from "../../src/journey/compile-in-earnest.ts";

test("compiling begins once, when a few requests have come in", () => {
  let begun = 0;
  const begin = createCompileSwitch(() => {
    begun += 1;
  });
  begin();
  expect(begun).toBe(0);
  for (let requests = 1; requests < 1000; requests += 1) begin();
  expect(begun).toBe(1);
});
