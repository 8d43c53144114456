import { expect, test } from "bun:test";
import fc from "fast-check";
import { isPortablePattern } from "../../../src/upstream/tools/portable-pattern.ts";
import { refusedByPython, refusedByRe2 } from "../../support/schema-rules.ts";

test.each([
  "^[a-zA-Z0-9_-]+$",
  "^\\d{4}-\\d{2}-\\d{2}$",
  "a|b",
  "(?:x+?)*",
  "\\w+\\.\\w{2,}",
  "[^/\\]]",
  "^\\/tmp\\/.*$",
  "[\\d-]",
  "\\x41",
  "",
  "é+",
])("%s is read alike by everybody", (pattern) => {
  expect(isPortablePattern(pattern)).toBe(true);
});

test.each([
  "\\p{L}",
  "(?<year>\\d{4})",
  "[^]",
  "[]",
  "\\u{1F600}",
  "\\u0041",
  "(?=a)",
  "(?<!a)b",
  "(a)\\1",
  "\\cA",
  "\\0",
  "a{1001}",
  "(?:a{100}){100}",
  "[a-\\d]",
  "[\\w-z]",
  "[[:alpha:]]",
  "[a&&b]",
  "[\\b]",
  "a{",
  "(",
  "*",
])("%s is not", (pattern) => {
  expect(isPortablePattern(pattern)).toBe(false);
});

test("no pattern that Python or RE2 refuses is called portable", () => {
  const piece = fc.constantFrom(
    ..."ab]^$-().|*+?/",
    ..."\\d \\w \\p{L} \\u0041 \\u{41} \\x41 \\b \\1 \\c [ [^ [] [^] (?: (?= (?<n> {2} {1500} {".split(" "),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const pattern = pieces.join("");
      if (!isPortablePattern(pattern)) return;
      expect([pattern, refusedByPython(pattern), refusedByRe2(pattern)]).toEqual([
        pattern,
        undefined,
        undefined,
      ]);
    }),
    { numRuns: 2000 },
  );
});
