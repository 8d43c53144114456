import { describe, expect, test } from "bun:test";
import { type PatternNode, parsePattern } from "../../src/lib/parse-pattern.ts";

const parse = (source: string) => parsePattern(source, (message) => new RangeError(message));
const parts = (source: string): readonly PatternNode[] => {
  const node = parse(source);
  return node.type === "sequence" ? node.parts : [node];
};
/** Which of these characters the pattern's only part takes. */
const taken = (source: string, characters: string) => {
  const [node] = parts(source);
  return node?.type === "character" ? [...characters].filter(node.matches).join("") : node?.type;
};

test("alternatives are options, also empty ones, and groups nest", () => {
  expect(parse("a|b|")).toMatchObject({ type: "choice", options: [{}, {}, { type: "sequence", parts: [] }] });
  expect(parts("(?:a|(b))")).toMatchObject([{ type: "choice" }]);
  expect(parts("(?P<name>a)")).toMatchObject([{ type: "sequence" }]);
});

test.each([
  ["a*", 0, Number.POSITIVE_INFINITY],
  ["a+?", 1, Number.POSITIVE_INFINITY],
  ["a?", 0, 1],
  ["a{3}", 3, 3],
  ["a{2,}", 2, Number.POSITIVE_INFINITY],
  ["a{,4}", 0, 4],
  ["a{2,4}?", 2, 4],
])("%p repeats", (source, min, max) => {
  expect(parts(source)).toMatchObject([{ type: "repeat", min, max }]);
});

test("a brace that counts nothing is a brace", () => {
  expect(parts("a{}")).toHaveLength(3);
  expect(parts("{,}")).toHaveLength(3);
});

describe("a character", () => {
  test.each([
    ["[^a-c]", "abcd^", "d^"],
    ["[]^-]", "]^-a", "]^-"],
    ["[\\d\\-x]", "1-xa", "1-x"],
    ["[\\b]", "\bb", "\b"],
    ["\\.", ".a", "."],
    ["\\W", "a_ é-", " -"],
    ["(?i)É", "éÉe", "éÉ"],
    ["(?i)[^k]", "kKa", "a"],
    ["(?s).", "\na", "\na"],
    ["\\u00e9", "é", "é"],
    ["\\n", "\nn", "\n"],
  ])("%p of %p takes %p", (source, characters, expected) => {
    expect(taken(source, characters)).toBe(expected);
  });
});

test("flags hold from where they stand, or inside their group", () => {
  expect(parts("^(?m)^")).toMatchObject([{ kind: "text-start" }, { kind: "line-start" }]);
  expect(parts("(?m:$)$")).toMatchObject([{ parts: [{ kind: "line-end" }] }, { kind: "end" }]);
});

test("the error is the caller's", () => {
  expect(() => parse("(")).toThrow(RangeError);
});
