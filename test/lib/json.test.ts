import { expect, test } from "bun:test";
import { asObject, asString, isObject, parseJson } from "../../src/lib/json.ts";

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
