import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { escapeText, repairEscape, repairWord } from "../../src/lib/repair-token.ts";

describe("repairWord", () => {
  test.each([
    ["true", "true"],
    ["None", "null"],
    ["False", "false"],
    ["-1.5e3", "-1.5e3"],
    ["+5", "5"],
    [".5", "0.5"],
    ["5.", "5"],
    ["007", "7"],
  ])("%s becomes %s", (word, expected) => {
    expect(repairWord(word)).toBe(expected);
  });

  test.each(["", "nul", "NaN", "Infinity", "1x", "toString"])("%j has no JSON form", (word) => {
    expect(repairWord(word)).toBeUndefined();
  });
});

describe("repairEscape", () => {
  test.each([
    ["\\n", "\\n"],
    ['\\"', '\\"'],
    ["\\u00e9", "\\u00e9"],
    ["\\'", "'"],
    ["\\d", "\\\\d"],
    ["\\u12x", "\\\\u12x"],
    ["\\\n", "\\\\\\n"],
  ])("%j becomes %j", (sequence, expected) => {
    expect(repairEscape(sequence)).toBe(expected);
  });

  test.each(["\\u", "\\u1", "\\u123"])("%s is not complete", (sequence) => {
    expect(repairEscape(sequence)).toBeUndefined();
  });
});

test("any escaped text is the text inside a JSON string", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(JSON.parse(`"${escapeText(text)}"`)).toBe(text);
    }),
  );
});
