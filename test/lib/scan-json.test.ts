import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { parseJson } from "../../src/lib/json.ts";
import { findObjectEnd, findStringEnd, isNestedDeeper, maxDepth } from "../../src/lib/scan-json.ts";

function depthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

test("the depth of a text is the depth of its value", () => {
  const value = fc.jsonValue({
    maxDepth: 8,
    stringUnit: fc.constantFrom("[", "{", "]", "}", '"', "\\", "a"),
  });
  fc.assert(
    fc.property(value, fc.nat(10), (value, limit) => {
      // Short texts are let through unread, so this one is made long.
      const text = JSON.stringify(value) + " ".repeat(limit + 1);
      expect(isNestedDeeper(text, limit)).toBe(depthOf(value) > limit);
    }),
  );
});

describe("a text that is nested too deeply", () => {
  const nest = (depth: number) => "[".repeat(depth) + "]".repeat(depth);

  test("counts as no JSON", () => {
    expect(depthOf(parseJson(nest(maxDepth)))).toBe(maxDepth);
    expect(parseJson(nest(maxDepth + 1))).toBeUndefined();
  });

  test("is found without parsing it", () => {
    expect(isNestedDeeper("[".repeat(30_000_000))).toBe(true);
    expect(isNestedDeeper(`{"a":`.repeat(1_000_000))).toBe(true);
    expect(isNestedDeeper(`["${"[".repeat(1000)}"]`)).toBe(false);
  });
});

const tricky = fc.string({ unit: fc.constantFrom('"', "\\", "{", "}", "a", "é") });

test("an object ends where its text does, whatever follows", () => {
  fc.assert(
    fc.property(
      fc.dictionary(tricky, fc.object({ key: tricky, values: [tricky] })),
      tricky,
      (value, rest) => {
        const text = JSON.stringify(value);
        expect(findObjectEnd(`[${text}${rest}`, 1)).toBe(text.length + 1);
        expect(findObjectEnd(text.slice(0, -1), 0)).toBeUndefined();
      },
    ),
  );
});

test("a string ends at its closing quote, whatever follows", () => {
  fc.assert(
    fc.property(tricky, tricky, (value, rest) => {
      const text = JSON.stringify(value);
      expect(findStringEnd(text + rest, 0)).toBe(text.length - 1);
    }),
  );
});
