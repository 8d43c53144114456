import { expect, test } from "bun:test";
import fc from "fast-check";
import { cutToWidth, oneLine, showPlainly } from "../../src/lib/show-plainly.ts";

test("nothing in a text steers the terminal", () => {
  expect(showPlainly("a\x1b[31mb\r\nc\u202ed\u2028e é😀 ة")).toBe("a [31mb  c d e é😀 ة");
});

test("a text is cut between signs, to the columns there are", () => {
  expect(cutToWidth("claude-opus", 11)).toBe("claude-opus");
  expect(cutToWidth("claude-opus", 7)).toBe("claude…");
  expect(cutToWidth("中文字", 5)).toBe("中文…");
  expect(cutToWidth("👩‍👩‍👧x👩‍👩‍👧", 4)).toBe("👩‍👩‍👧x…");
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 1, max: 20 }), (text, max) => {
      expect(Bun.stringWidth(cutToWidth(text, max))).toBeLessThanOrEqual(max);
    }),
  );
});

test("what would steer the terminal becomes one space", () => {
  expect(oneLine("a\u001b[2J\r\nb")).toBe("a [2J b");
});
