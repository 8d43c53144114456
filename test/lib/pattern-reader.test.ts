import { expect, test } from "bun:test";
import { PatternReader } from "../../src/lib/pattern-reader.ts";

const read = (source: string) => new PatternReader(source, (message) => new RangeError(message));

test("characters are taken one by one, also those of two units", () => {
  const reader = read("a\u{1f600}b");
  expect([reader.take(), reader.peek(), reader.take(), reader.take()]).toEqual([
    "a",
    "\u{1f600}",
    "\u{1f600}",
    "b",
  ]);
  expect(reader.peek()).toBeUndefined();
  expect(() => reader.take()).toThrow(new RangeError("The pattern ends too early"));
});

test("only what comes next is skipped or matched", () => {
  const reader = read("(?i)x12");
  expect([reader.skip("?"), reader.skip("(?"), reader.match(/(\d)/y)]).toEqual([false, true, undefined]);
  expect(reader.match(/([a-z]+)(-)?\)/y)).toEqual(["i", undefined]);
  expect([reader.skip("x"), reader.match(/(\d+)/y), reader.peek()]).toEqual([true, ["12"], undefined]);
});
