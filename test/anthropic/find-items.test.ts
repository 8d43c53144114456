import { expect, test } from "bun:test";
import fc from "fast-check";
import { findItems } from "../../src/anthropic/find-items.ts";
import { maxDepth } from "../../src/lib/scan-json.ts";

test("the objects in a body's lists are found where they are", () => {
  const unit = fc.constantFrom("[", "{", "]", "}", '"', "\\", ":", ",", "é");
  const item = fc.jsonValue({ maxDepth: 3, stringUnit: unit });
  const body = fc.record({ messages: fc.array(item), other: item, tools: fc.array(item) });
  fc.assert(
    fc.property(body, fc.constantFrom(undefined, 1), fc.nat(20), (body, space, minLength) => {
      const json = Buffer.from(JSON.stringify(body, null, space));
      const found = findItems(json, minLength)?.filter(({ list }) => list !== "other") ?? [];
      const isLong = (value: unknown) => typeof value === "object" && value !== null && !Array.isArray(value);
      const expected = [...body.messages, ...body.tools].filter(isLong).map((value) => JSON.stringify(value));
      const texts = found.map(({ from, to }) => json.toString("utf8", from, to));
      const known = new Set(texts.map((text) => JSON.stringify(JSON.parse(text))));
      const isLongEnough = (text: string) => Buffer.byteLength(text) >= minLength;
      expect(texts.every(isLongEnough)).toBe(true);
      expect([...known].every((text) => expected.includes(text))).toBe(true);
      for (const text of expected) if (isLongEnough(text)) expect(known).toContain(text);
    }),
  );
});

test("an object that is recognized is found where it would be without", () => {
  const unit = fc.constantFrom("[", "{", "]", "}", '"', "\\", ":", ",", "é");
  const item = fc.jsonValue({ maxDepth: 3, stringUnit: unit });
  fc.assert(
    fc.property(fc.array(item), fc.array(item), fc.array(fc.nat()), (messages, tools, picks) => {
      const json = Buffer.from(JSON.stringify({ messages, tools }));
      const items = findItems(json, 0) ?? [];
      const known = picks.flatMap((pick) => {
        const item = items[pick % (items.length || 1)];
        return item ? [{ bytes: json.subarray(item.from, item.to) }] : [];
      });
      const recognize = (at: number) =>
        known.find(({ bytes }) => json.subarray(at, at + bytes.length).equals(bytes));
      const found = findItems(json, 0, recognize) ?? [];
      expect(found.map(({ list, from, to }) => ({ list, from, to }))).toEqual([...items]);
      for (const { from, to, known } of found)
        if (known) expect(json.subarray(from, to)).toEqual(known.bytes);
    }),
  );
});

const find = (text: string, minLength = 0) => findItems(Buffer.from(text), minLength);

test("objects outside of a body's lists are not found, nor anything in a text that is nested too deep", () => {
  expect(find('{"a":{"b":[{}]},"c":{},"d":[[{}]]}')).toEqual([]);
  expect(find('[{"a":[{}]}]')).toEqual([]);
  expect(find(`{"a":[${"[".repeat(maxDepth)}`)).toBeUndefined();
  expect(find('{"a" : [ {} ]}')).toEqual([{ list: "a", from: 9, to: 11 }]);
});

test("a hostile text is looked through in a moment, and leaves nothing behind", () => {
  expect(find(`{"messages":[${"{},".repeat(5_000_000)}`, 256)).toEqual([]);
  expect(find(`{${'"a":[],'.repeat(2_000_000)}`, 256)).toEqual([]);
});
