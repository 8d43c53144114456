import { expect, test } from "bun:test";
import { literal, parseEscape, parseSet } from "../../src/lib/parse-characters.ts";
import { PatternReader } from "../../src/lib/pattern-reader.ts";

const read = (source: string) => new PatternReader(source, (message) => new RangeError(message));
const exact = { ignoreCase: false };
const anyCase = { ignoreCase: true };

test("a letter takes itself, or both of its cases", () => {
  expect([..."kKx"].filter(literal("k", exact))).toEqual(["k"]);
  expect([..."kKx"].filter(literal("k", anyCase))).toEqual(["k", "K"]);
});

test.each([
  ["d", "5", "a"],
  ["S", "a", " "],
  ["x41", "A", "B"],
  ["U0001F600", "\u{1f600}", "U"],
  ["t", "\t", "t"],
  [".", ".", "a"],
])("the escape %p takes %p and not %p", (source, taken, other) => {
  const matches = parseEscape(read(source), exact);
  expect([matches(taken), matches(other)]).toEqual([true, false]);
});

test.each([
  ["x4", "\\x needs 2 hexadecimal digits"],
  ["U00110000", "\\U needs 8 hexadecimal digits"],
  ["1", "Backreferences are not supported"],
  ["q", "\\q has no meaning"],
  ["", "The pattern ends too early"],
])("the escape %p is refused: %s", (source, message) => {
  expect(() => parseEscape(read(source), exact)).toThrow(new RangeError(message));
});

test("a set ends at its bracket, and what follows is left", () => {
  const reader = read("a-c]d");
  const matches = parseSet(reader, anyCase);
  expect([..."abcABCd-"].filter(matches)).toEqual([..."abcABC"]);
  expect(reader.peek()).toBe("d");
});

test.each([
  ["a", "A set of characters is not closed"],
  ["c-a]", "A range of characters ends before it begins"],
  ["a-\\d]", "A range of characters has no end"],
])("the set %p is refused: %s", (source, message) => {
  expect(() => parseSet(read(source), exact)).toThrow(new RangeError(message));
});
