import { describe, expect, test } from "bun:test";
import {
  alternativesOf,
  foldAllOf,
  mergeBranches,
  resolveRef,
} from "../../../src/upstream/tools/merge-branches.ts";

const text = { type: "string" };
const number = { type: "number" };
const object = (properties: object, more: object = {}) => ({ type: "object", properties, ...more });

describe("mergeBranches", () => {
  const adapt = (schema: object) => mergeBranches({ ...schema }, { ...schema });

  test.each<[string, object, object]>([
    [
      "alternatives: all properties, required if all of them require it",
      {
        type: "object",
        anyOf: [
          object({ a: text, b: text }, { required: ["a", "b"] }),
          object({ a: text }, { required: ["a"] }),
        ],
      },
      object({ a: text, b: text }, { required: ["a"] }),
    ],
    [
      "allOf: required if any of them requires it",
      { allOf: [object({ a: text }, { required: ["a"] }), object({ b: number }, { required: ["b"] })] },
      { properties: { a: text, b: number }, required: ["a", "b"] },
    ],
    [
      "a property that differs becomes a choice",
      { oneOf: [object({ kind: { const: "a" } }), object({ kind: { const: "b" } })] },
      { properties: { kind: { anyOf: [{ const: "a" }, { const: "b" }] } } },
    ],
    [
      "a reference at the root",
      { $ref: "#/$defs/T", $defs: { T: object({ a: text }, { required: ["a"] }) } },
      {
        $defs: { T: object({ a: text }, { required: ["a"] }) },
        properties: { a: text },
        required: ["a"],
      },
    ],
    ["a reference to itself", { anyOf: [{ $ref: "#" }, object({ a: text })] }, { properties: { a: text } }],
    [
      "inner branches stay",
      object({ a: { anyOf: [text, number] } }),
      object({ a: { anyOf: [text, number] } }),
    ],
  ])("%s", (_, schema, expected) => {
    expect(adapt(schema)).toEqual({ ...expected });
  });
});

test("alternativesOf joins anyOf and oneOf", () => {
  expect(alternativesOf({ anyOf: [text], oneOf: [number] })).toEqual([text, number]);
  expect(alternativesOf({ anyOf: "none" })).toEqual([]);
});

test("foldAllOf merges properties and required names, and the schema around it counts most", () => {
  const root = { $defs: { T: object({ b: number }, { required: ["b"], title: "T" }) } };
  const schema = {
    title: "own",
    allOf: [object({ a: text }, { required: ["a"] }), { $ref: "#/$defs/T", description: "d" }, true],
  };
  expect(foldAllOf(schema, root)).toEqual({
    ...object({ a: text, b: number }, { required: ["a", "b"], title: "own" }),
    description: "d",
  });
});

describe("resolveRef", () => {
  const root = { $defs: { "a/b~c": text, "with space": number, "100%": text }, list: [number], name: "x" };

  test.each<[string, object]>([
    ["#/$defs/a~1b~0c", text],
    ["#/$defs/with%20space", number],
    ["#/$defs/100%", text],
    ["#/list/0", number],
    ["#", root],
  ])("%s is found", (ref, expected) => {
    expect(resolveRef(ref, root)).toEqual({ ...expected });
  });

  test.each(["#/$defs/none", "#/name", "#/toString", "https://a.example/schema", 5])("%p is not", (ref) => {
    expect(resolveRef(ref, root)).toBeUndefined();
  });
});
