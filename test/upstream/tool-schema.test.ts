import { describe, expect, test } from "bun:test";
import { cleanSchema, isStrictSchema } from "../../src/upstream/tool-schema.ts";

const text = { type: "string" };
const closed = { type: "object", properties: { a: text }, required: ["a"], additionalProperties: false };

describe("cleanSchema", () => {
  test("gives an object with properties at the root", () => {
    const empty = { type: "object", properties: {} };
    expect(cleanSchema({})).toEqual(empty);
    expect(cleanSchema({ type: "string", properties: null })).toEqual(empty);
  });

  test("takes annotations off and keeps the order of the rest", () => {
    const schema = {
      $schema: "x",
      required: ["b"],
      $id: "y",
      properties: { b: text, a: text },
      type: "object",
    };
    expect(JSON.stringify(cleanSchema(schema))).toBe(
      '{"required":["b"],"properties":{"b":{"type":"string"},"a":{"type":"string"}},"type":"object"}',
    );
  });

  test("leaves an argument that is called like an annotation, and the schema it was given", () => {
    const schema = { $schema: "x", type: "object", properties: { $schema: text, $id: text } };
    const before = structuredClone(schema);
    expect(cleanSchema(schema).properties).toEqual(schema.properties);
    expect(schema).toEqual(before);
  });
});

describe("isStrictSchema", () => {
  test.each<[string, object, boolean]>([
    ["closed, all required", closed, true],
    ["open", { ...closed, additionalProperties: true }, false],
    ["silent about more properties", { type: "object", properties: { a: text }, required: ["a"] }, false],
    ["an optional property", { ...closed, required: [] }, false],
    ["a free-form object inside", { ...closed, properties: { a: { type: "object" } } }, false],
    [
      "an open object in a list",
      { ...closed, properties: { a: { type: "array", items: { type: "object" } } } },
      false,
    ],
    ["a closed object in a list", { ...closed, properties: { a: { type: "array", items: closed } } }, true],
  ])("%s", (_, schema, strict) => {
    expect(isStrictSchema(schema)).toBe(strict);
  });
});
