import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { parseJson } from "../../src/lib/json.ts";
import {
  findItems,
  findObjectEnd,
  findStringEnd,
  isNestedDeeper,
  maxDepth,
} from "../../src/lib/scan-json.ts";

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

test("the objects in a body's lists are found where they are", () => {
  const unit = fc.constantFrom("[", "{", "]", "}", '"', "\\", ":", ",", "a");
  const item = fc.jsonValue({ maxDepth: 3, stringUnit: unit });
  const body = fc.record({ messages: fc.array(item), other: item, tools: fc.array(item) });
  fc.assert(
    fc.property(body, fc.constantFrom(undefined, 1), fc.nat(20), (body, space, minLength) => {
      const text = JSON.stringify(body, null, space);
      const found = findItems(text, minLength)?.filter(({ list }) => list !== "other") ?? [];
      const isLong = (value: unknown) => typeof value === "object" && value !== null && !Array.isArray(value);
      const expected = [...body.messages, ...body.tools].filter(isLong).map((value) => JSON.stringify(value));
      const texts = found.map(({ from, to }) => text.slice(from, to));
      const known = new Set(texts.map((text) => JSON.stringify(JSON.parse(text))));
      expect(texts.every((text) => text.length >= minLength)).toBe(true);
      expect([...known].every((text) => expected.includes(text))).toBe(true);
      for (const text of expected) if (text.length >= minLength) expect(known).toContain(text);
    }),
  );
});

test("an object that is recognized is found where it would be without", () => {
  const unit = fc.constantFrom("[", "{", "]", "}", '"', "\\", ":", ",", "a");
  const item = fc.jsonValue({ maxDepth: 3, stringUnit: unit });
  fc.assert(
    fc.property(fc.array(item), fc.array(item), fc.array(fc.nat()), (messages, tools, picks) => {
      const text = JSON.stringify({ messages, tools });
      const items = findItems(text, 0) ?? [];
      const known = picks.flatMap((pick) => {
        const item = items[pick % (items.length || 1)];
        return item ? [{ text: text.slice(item.from, item.to) }] : [];
      });
      const recognize = (at: number) => known.find((one) => text.startsWith(one.text, at));
      const found = findItems(text, 0, recognize) ?? [];
      expect(found.map(({ list, from, to }) => ({ list, from, to }))).toEqual([...items]);
      for (const { from, to, known } of found) if (known) expect(text.slice(from, to)).toBe(known.text);
    }),
  );
});

test("objects outside of a body's lists are not found, nor anything in a text that is nested too deep", () => {
  expect(findItems('{"a":{"b":[{}]},"c":{},"d":[[{}]]}', 0)).toEqual([]);
  expect(findItems('[{"a":[{}]}]', 0)).toEqual([]);
  expect(findItems(`{"a":[${"[".repeat(maxDepth)}`, 0)).toBeUndefined();
  expect(findItems('{"a" : [ {} ]}', 0)).toEqual([{ list: "a", from: 9, to: 11 }]);
});

test("a hostile text is looked through in a moment, and leaves nothing behind", () => {
  expect(findItems(`{"messages":[${"{},".repeat(5_000_000)}`, 256)).toEqual([]);
  expect(findItems(`{${'"a":[],'.repeat(2_000_000)}`, 256)).toEqual([]);
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
