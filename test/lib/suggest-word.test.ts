import { expect, test } from "bun:test";
import { findNearest, isNearly, isTransposed, suggest } from "../../src/lib/suggest-word.ts";

const known = ["--port", "--host", "--env-file", "--log-format"];

test.each([
  ["--prot", "--port"],
  ["--hots", "--host"],
  ["--envfile", "--env-file"],
  ["--logformat", "--log-format"],
  ["--log-fmt", "--log-format"],
])("%s is nearest to %s", (word, nearest) => {
  expect(suggest(word, known)).toBe(`; did you mean ${nearest}?`);
});

test.each(["--zzzzzzzz", "", "--p"])("%j is near to nothing", (word) => {
  expect(suggest(word, known)).toBe("; see --help");
});

test("the nearest word is found, or none", () => {
  expect(findNearest("gpt-5-4", ["other", "gpt-5.4"])).toBe("gpt-5.4");
  expect(findNearest("zzz", ["other"])).toBeUndefined();
});

test.each(["nope", "tip-top", "at", "go"])(
  "%s is not like a short word of which it shares a letter or two",
  (word) => {
    expect(findNearest(word, ["top", "run", "init"])).toBeUndefined();
  },
);

test.each([
  ["tpo", "top"],
  ["rnu", "run"],
  ["srve", "serve"],
])("a slip in %s is still understood as %s", (word, meant) => {
  expect(findNearest(word, ["top", "run", "serve"])).toBe(meant);
});

test.each([
  ["", ""],
  ["a", ""],
  ["port", "port"],
  ["port", "prt"],
  ["port", "sport"],
  ["port", "ports"],
  ["port", "part"],
  ["aab", "aaab"],
])("%j is nearly %j, and the other way round", (one, other) => {
  expect(isNearly(one, other)).toBe(true);
  expect(isNearly(other, one)).toBe(true);
});

test.each([
  ["", "ab"],
  ["port", "prot"],
  ["port", "or"],
  ["host", "port"],
  ["ab", "bc"],
])("%j is not nearly %j", (one, other) => {
  expect(isNearly(one, other)).toBe(false);
  expect(isNearly(other, one)).toBe(false);
});

test("two neighboring letters may have changed places, and nothing else", () => {
  for (const slip of ["oprt", "prot", "potr"]) expect(isTransposed(slip, "port")).toBe(true);
  for (const other of ["trop", "oprx", "por", "ports", ""]) expect(isTransposed(other, "port")).toBe(false);
});
