import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { asObject, asString, isObject, parseJson, writeJson } from "../../src/lib/json.ts";

test("only objects that are not lists are objects", () => {
  expect([{}, { a: 1 }].every(isObject)).toBe(true);
  expect([null, undefined, [], "{}", 1].some(isObject)).toBe(false);
});

test("values of another type are left out", () => {
  expect([asString("a"), asString(1), asString(undefined)]).toEqual(["a", "", ""]);
  expect([asObject({ a: 1 }), asObject([]), asObject(null)]).toEqual([{ a: 1 }, undefined, undefined]);
});

test("text that is not JSON has no value", () => {
  expect(parseJson('{"a":[1]}')).toEqual({ a: [1] });
  for (const text of ["", "{", "{'a':1}", "undefined"]) expect(parseJson(text)).toBeUndefined();
});

describe("writeJson", () => {
  test("writes halves of surrogate pairs as U+FFFD, and nothing else differently", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string(), (text, tail) => {
        const value = { [tail]: `${text}\\ud800${tail}\ud83d` };
        const expected = { [tail]: `${text}\\ud800${tail}\ud83d`.toWellFormed() };
        expect(writeJson(value)).toBe(JSON.stringify(expected));
      }),
    );
    expect(writeJson("a😀\ud800\udc00\\\ud800")).toBe(JSON.stringify("a😀\ud800\udc00\\\ufffd"));
  });
});
