import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { layOutText, type PlacedText } from "../../src/lib/lay-out-text.ts";

/** A piece in letters of size 10, each 5 wide. */
const at = (x: number, y: number, text: string, more: Partial<PlacedText> = {}): PlacedText => ({
  text,
  x,
  y,
  size: 10,
  length: text.length * 5,
  angle: 0,
  isRightToLeft: false,
  ...more,
});

const rows: [name: string, pieces: PlacedText[], text: string][] = [
  ["nothing", [], ""],
  ["only space", [at(0, 0, "  ")], ""],
  ["lines, drawn from the bottom", [at(0, 0, "b"), at(0, 12, "a")], "a\nb"],
  ["a word in two pieces", [at(0, 0, "Wo"), at(10, 0, "rd")], "Word"],
  ["words, each a piece", [at(0, 0, "two"), at(17, 0, "words")], "two words"],
  ["space around the letters", [at(0, 0, "two "), at(20, 0, " words")], "two words"],
  [
    "columns, one after the other",
    [at(60, 12, "right"), at(60, 0, "column"), at(0, 12, "left"), at(0, 0, "too")],
    "left        right\ntoo         column",
  ],
  [
    "a cell that is wider than its column",
    [at(0, 12, "narrow", { length: 15 }), at(30, 12, "x"), at(0, 0, "n"), at(30, 0, "y")],
    "narrow   x\nn        y",
  ],
  [
    "numbers that end alike",
    [at(40, 12, "7"), at(30, 0, "100"), at(0, 12, "a"), at(0, 0, "b")],
    "a       7\nb     100",
  ],
  ["an exponent", [at(15, 4, "2", { size: 6, length: 3 }), at(0, 0, "m/s"), at(20, 0, "is")], "m/s2 is"],
  ["a word printed bold by drawing it twice", [at(0, 0, "Bold"), at(0.4, 0, "Bold")], "Bold"],
  ["a paragraph", [at(0, 60, "a"), at(0, 48, "b"), at(0, 24, "c"), at(0, 12, "d")], "a\nb\n\nc\nd"],
  [
    "a scan that is not straight",
    [at(0, 0, "a", { angle: 1 }), at(60, 1, "b", { angle: -1 })],
    "a           b",
  ],
  ["text on its side", [at(0, 0, "up", { angle: 90 }), at(40, 0, "the page")], "the page\n\nup"],
  ["text from top to bottom", [at(0, 0, "2", { angle: 270 }), at(12, 0, "1", { angle: 270 })], "1\n2"],
  [
    "words from right to left",
    [at(0, 0, "ב", { isRightToLeft: true }), at(7, 0, "א", { isRightToLeft: true })],
    "א ב",
  ],
];

test.each(rows)("%s", (_, pieces, text) => {
  expect(layOutText(pieces, 1000)).toBe(text);
});

describe("whatever is drawn wherever", () => {
  const piece = fc.record({
    text: fc.stringMatching(/^[a-z ]{1,5}$/),
    x: fc.double(),
    y: fc.double(),
    size: fc.double(),
    length: fc.double(),
    angle: fc.double(),
    isRightToLeft: fc.boolean(),
  });
  const letters = (text: string) => [...text.replace(/\s/g, "")].sort().join("");

  test("no letter is lost but those drawn twice", () => {
    const numbered = fc
      .array(piece)
      .map((pieces) => pieces.map((each, i) => ({ ...each, text: `${each.text}${i}` })));
    fc.assert(
      fc.property(numbered, (pieces) => {
        const text = layOutText(pieces, Number.POSITIVE_INFINITY);
        expect(letters(text)).toBe(letters(pieces.map((each) => each.text).join("")));
      }),
    );
  });

  test("the result is no longer than allowed", () => {
    fc.assert(
      fc.property(fc.array(piece), fc.nat(100), (pieces, max) => layOutText(pieces, max).length <= max),
    );
  });
});
