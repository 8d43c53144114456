import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { compilePattern, PatternError } from "../../src/lib/linear-pattern.ts";

const matches = (pattern: string, text: string) => compilePattern(pattern).test(text, { steps: 1_000_000 });

describe("what Python's re.search finds is found", () => {
  test.each<[pattern: string, text: string, found: boolean]>([
    ["weather", "get_weather", true],
    ["Weather", "get_weather", false],
    ["(?i)Weather", "get_weather", true],
    ["get_.*_data", "get_customer_data", true],
    ["^get_(?:user|order)$", "get_order", true],
    ["^get_(?:user|order)$", "get_orders", false],
    ["a|b|", "", true],
    ["x{2,3}", "axxb", true],
    ["^x{2,3}$", "xxxx", false],
    ["^x{,2}$", "xx", true],
    ["x{a}", "x{a}", true],
    ["colou?r", "color", true],
    ["\\bdb\\b", "the db tool", true],
    ["\\bdb\\b", "adbc", false],
    ["[^a-c]$", "abd", true],
    ["[]a]", "]", true],
    ["[a-]", "-", true],
    ["[\\w.]+@x", "a.b@x", true],
    ["(?P<name>a+)(?i:B)c", "aabc", true],
    ["(?s)a.b", "a\nb", true],
    ["a.b", "a\nb", false],
    ["(?m)^b$", "a\nb\nc", true],
    ["a$", "a\n", true],
    ["a\\Z", "a\n", false],
    ["\\x41\\u00e4", "Aä", true],
    ["(a*)*b", "aaab", true],
    ["\\d+", "٣", true],
    ["", "anything", true],
  ])("%p in %p: %p", (pattern, text, found) => {
    expect(matches(pattern, text)).toBe(found);
  });
});

test.each<[string, RegExp]>([
  ["(a)\\1", /backreferences/i],
  ["(?=a)", /lookahead/i],
  ["(?<!a)b", /lookahead and lookbehind/i],
  ["a**", /repeated/i],
  ["a++", /possessive/i],
  ["*a", /nothing to repeat/i],
  ["(a", /not closed/i],
  ["a)", /not opened/i],
  ["[a", /not closed/i],
  ["[b-a]", /ends before it begins/i],
  ["a{3,2}", /ends before it begins/i],
  ["a{5000}", /too large/i],
  ["((a{99}){99}){99}", /too large/i],
  ["(?x)a", /flag x/i],
  ["(?#c)", /not supported/i],
  ["\\q", /no meaning/i],
  ["a\\", /ends too early/i],
  ["\\x4", /hexadecimal/i],
  ["(".repeat(60), /nested too deeply/i],
])("%p is refused in words: %p", (pattern, words) => {
  expect(() => compilePattern(pattern)).toThrow(words);
  expect(() => compilePattern(pattern)).toThrow(PatternError);
});

test("what takes a backtracking engine forever takes steps in proportion to the text", () => {
  for (const pattern of ["(a+)+$", "(a|aa)+$", "(a|a?)+$", "(.*a){20}$", "^(([a-z])+.)+[A-Z]([a-z])+$"]) {
    const steps = (length: number) => {
      const budget = { steps: 100_000_000 };
      compilePattern(pattern).test(`${"a".repeat(length)}!`, budget);
      return 100_000_000 - budget.steps;
    };
    expect(steps(2000)).toBeLessThan(2.2 * steps(1000));
  }
});

test("a search ends when its steps are used up", () => {
  const budget = { steps: 1000 };
  expect(() => compilePattern("(a|b)*c").test("ab".repeat(1000), budget)).toThrow("took too long");
});

test("agrees with the engine of the language where both understand a pattern", () => {
  const atom = fc.constantFrom("a", "b", ".", "[ab]", "[^a]", "\\w", "(a|b)", "(?:ab)", "^", "$", "\\b");
  const piece = fc
    .tuple(atom, fc.constantFrom("", "*", "+", "?", "{1,2}", "*?"))
    .map(([one, count]) => (/^(\^|\$|\\b)$/.test(one) ? one : one + count));
  const pattern = fc
    .array(fc.array(piece, { maxLength: 5 }), { minLength: 1, maxLength: 3 })
    .map((options) => options.map((parts) => parts.join("")).join("|"));
  const text = fc.array(fc.constantFrom("a", "b", "c", " "), { maxLength: 12 }).map((all) => all.join(""));
  fc.assert(
    fc.property(pattern, text, (source, subject) => {
      expect(matches(source, subject)).toBe(new RegExp(source, "u").test(subject));
    }),
  );
});

test("no text of a stranger does anything but compile or be refused", () => {
  const strange = fc.string({ unit: fc.constantFrom(..."ab()[]{}^$.*+?|\\-,:=!<>Pix019 "), maxLength: 40 });
  fc.assert(
    fc.property(strange, (source) => {
      try {
        matches(source, "abab 01");
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(PatternError);
      }
    }),
  );
});
