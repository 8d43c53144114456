import { expect, test } from "bun:test";
import fc from "fast-check";
import { findStrings } from "../../src/lib/find-strings.ts";

const found = (text: string, ...path: string[]) =>
  findStrings(text, path).map(({ from, to }) => text.slice(from, to));

test.each([
  ['{"model":"a"}', ['"a"']],
  ['{ "x" : {"model":"b"}, "model" : "a" }', ['"a"']],
  ['{"model":"a","model":"b"}', ['"a"', '"b"']],
  ['{"mod\\u0065l":"a"}', ['"a"']],
  ['{"model":"a\\"model\\":\\"b"}', ['"a\\"model\\":\\"b"']],
  ['{"model":1,"x":"model"}', []],
  ['[{"model":"a"}]', []],
  ['{"x":["model","a"],"y":[{"model":"b"}]}', []],
])("in %p, the model is %p", (text, expected) => {
  expect(found(text, "model")).toEqual(expected);
});

test("a path leads through objects", () => {
  const text =
    '{"model":"a","message":{"x":{"model":"b"},"model":"c"},"other":{"model":"d"},"message":{"model":"e"}}';
  expect(found(text, "message", "model")).toEqual(['"c"', '"e"']);
});

test("in any JSON, what is found is what a parser reads, and the last one counts", () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.jsonValue()),
      fc.string(),
      fc.string(),
      (others, key, value) => {
        const text = JSON.stringify({ ...others, [key]: value }, undefined, key.length % 3);
        const parsed: unknown = JSON.parse(found(text, key).at(-1) ?? "null");
        expect(parsed).toBe(value);
      },
    ),
  );
});

test("any text is safe", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'{}[]":,\\a \n') }), (text) => void found(text, "a")),
  );
});
