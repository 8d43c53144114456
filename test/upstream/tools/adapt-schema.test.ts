import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { isObject } from "../../../src/lib/json.ts";
import { adaptSchema, cleanSchema, isStrictSchema } from "../../../src/upstream/tools/adapt-schema.ts";

const text = { type: "string" };
const closed = { type: "object", properties: { a: text }, required: ["a"], additionalProperties: false };

describe("cleanSchema", () => {
  test("gives an object with properties at the root", () => {
    const empty = { type: "object", properties: {} };
    expect(cleanSchema({})).toEqual(empty);
    expect(cleanSchema({ type: "string", properties: null })).toEqual(empty);
  });

  test("removes annotations and keeps the order of the rest", () => {
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

  test("keeps an argument named like an annotation, and does not modify its input", () => {
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
    [
      "nothing said about further properties",
      { type: "object", properties: { a: text }, required: ["a"] },
      false,
    ],
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

const object = (properties: object, more: object = {}) => ({ type: "object", properties, ...more });
const number = { type: "number" };

describe("an object at the root, without branches", () => {
  const adapt = (schema: object) => adaptSchema({ ...schema }, "object-root");

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
      { properties: { a: text, b: number }, required: ["a", "b"], type: "object" },
    ],
    [
      "a property that differs becomes a choice",
      { oneOf: [object({ kind: { const: "a" } }), object({ kind: { const: "b" } })] },
      { properties: { kind: { anyOf: [{ const: "a" }, { const: "b" }] } }, type: "object" },
    ],
    [
      "a reference at the root",
      { $ref: "#/$defs/T", $defs: { T: object({ a: text }, { required: ["a"] }) } },
      {
        $defs: { T: object({ a: text }, { required: ["a"] }) },
        properties: { a: text },
        required: ["a"],
        type: "object",
      },
    ],
    ["a reference to itself", { anyOf: [{ $ref: "#" }, object({ a: text })] }, object({ a: text })],
    ["keywords that fit no object", { enum: ["a"], not: {}, ...object({ a: text }) }, object({ a: text })],
    [
      "inner branches stay",
      object({ a: { anyOf: [text, number] } }),
      object({ a: { anyOf: [text, number] } }),
    ],
  ])("%s", (_, schema, expected) => {
    expect(adapt(schema)).toEqual({ ...expected });
  });
});

describe("typed branches", () => {
  const adapt = (schema: object) => adaptSchema(object({ a: schema }), "typed-branches").properties;

  test.each<[string, object, object]>([
    [
      "the type moves into the branches",
      { type: "string", anyOf: [{ minLength: 2 }, { enum: ["x"] }] },
      {
        anyOf: [
          { type: "string", minLength: 2 },
          { type: "string", enum: ["x"] },
        ],
      },
    ],
    [
      "oneOf becomes anyOf",
      { description: "d", oneOf: [text, number] },
      { description: "d", anyOf: [text, number] },
    ],
    [
      "a tuple becomes a list",
      { type: "array", items: [text, number] },
      { type: "array", items: { anyOf: [text, number] } },
    ],
    ["a tuple of equals", { type: "array", prefixItems: [text, text] }, { type: "array", items: text }],
    ["a reference has no siblings", { $ref: "#/$defs/T", description: "d" }, { $ref: "#/$defs/T" }],
    ["missing types are guessed", { enum: [1, 2] }, { type: "number", enum: [1, 2] }],
    ["anything becomes a string", {}, text],
    [
      "conditions are dropped, allOf is folded",
      { ...object({ b: text }), allOf: [{ if: {}, else: { required: ["b"] } }, { required: ["b"] }] },
      { required: ["b"], ...object({ b: text }) },
    ],
    [
      "an object's own branches are merged",
      object({ b: text }, { anyOf: [{ required: ["b"] }, {}] }),
      object({ b: text }),
    ],
  ])("%s", (_, schema, expected) => {
    expect(adapt(schema)).toEqual({ a: expected });
  });
});

describe("OpenAPI", () => {
  const adapt = (schema: object, more: object = {}) =>
    adaptSchema({ ...object({ a: schema }), ...more }, "openapi");

  test.each<[string, object, object]>([
    ["const becomes an enum of one", { const: "x" }, { enum: ["x"], type: "string" }],
    [
      "enums of numbers become a description",
      { type: "integer", enum: [1, 2] },
      { type: "integer", description: "One of 1, 2" },
    ],
    ["null becomes nullable", { type: ["string", "null"] }, { type: "string", nullable: true }],
    [
      "null among alternatives",
      { anyOf: [text, { type: "null" }], description: "d" },
      { ...text, description: "d", nullable: true },
    ],
    [
      "several types",
      { type: ["string", "number"], description: "d" },
      {
        anyOf: [
          { ...text, description: "d" },
          { ...number, description: "d" },
        ],
      },
    ],
    ["alternatives have no siblings", { title: "t", oneOf: [text, number] }, { anyOf: [text, number] }],
    ["unknown keywords are dropped", { type: "string", format: "uri", examples: ["x"], default: "" }, text],
    ["known formats stay", { type: "string", format: "date-time" }, { type: "string", format: "date-time" }],
    [
      "exclusive limits are dropped",
      { type: "number", exclusiveMinimum: 0, maximum: 9 },
      { type: "number", maximum: 9 },
    ],
    ["a list gets an item type", { type: "array" }, { type: "array", items: text }],
    [
      "open objects",
      { type: "object", additionalProperties: text, patternProperties: {} },
      { type: "object" },
    ],
    [
      "required names only existing properties",
      object({ b: text }, { required: ["b", "c"] }),
      object({ b: text }, { required: ["b"] }),
    ],
  ])("%s", (_, schema, expected) => {
    expect(adapt(schema)).toEqual(object({ a: expected }));
  });

  test("references are inlined, even nested ones, until they repeat", () => {
    const $defs = {
      Node: object({ name: text, next: { $ref: "#/$defs/Node" } }),
      Alias: { $ref: "#/$defs/Node", description: "d" },
    };
    expect(adapt({ $ref: "#/$defs/Alias" }, { $defs })).toEqual(
      object({ a: { ...object({ name: text, next: { type: "object" } }), description: "d" } }),
    );
  });

  test("a schema that grows exponentially ends", () => {
    const levels = Array.from({ length: 30 }, (_, level) => {
      const next = { $ref: `#/$defs/L${level + 1}` };
      return [`L${level}`, object({ a: next, b: next, c: next })];
    });
    const adapted = adapt({ $ref: "#/$defs/L0" }, { $defs: Object.fromEntries(levels) });
    expect(JSON.stringify(adapted).length).toBeLessThan(1_000_000);
  });
});

describe("any schema", () => {
  const words = ["string", "number", "integer", "null", "array", "object", "any"];
  const { schema } = fc.letrec<{ schema: unknown }>((tie) => ({
    schema: fc.oneof(
      { depthSize: "small", maxDepth: 4 },
      fc.constantFrom(
        true,
        {},
        { $ref: "#" },
        { $ref: "#/$defs/a" },
        { $ref: "#/$defs/b" },
        { type: "null" },
      ),
      fc.jsonValue({ maxDepth: 1 }),
      fc.record(
        {
          type: fc.oneof(fc.constantFrom(...words), fc.array(fc.constantFrom(...words), { maxLength: 3 })),
          description: fc.string({ maxLength: 3 }),
          nullable: fc.boolean(),
          enum: fc.array(fc.constantFrom("x", "y", "", 1, true, null), { maxLength: 3 }),
          const: fc.constantFrom("x", 1, null),
          format: fc.constantFrom("uri", "int32", "date-time"),
          exclusiveMinimum: fc.nat(),
          properties: fc.dictionary(fc.constantFrom("a", "b", "$schema", "__proto__"), tie("schema"), {
            maxKeys: 3,
          }),
          required: fc.subarray(["a", "b", "zzz"]),
          additionalProperties: fc.oneof(fc.boolean(), tie("schema")),
          items: fc.oneof(tie("schema"), fc.array(tie("schema"), { maxLength: 3 })),
          prefixItems: fc.array(tie("schema"), { maxLength: 2 }),
          anyOf: fc.array(tie("schema"), { maxLength: 3 }),
          oneOf: fc.array(tie("schema"), { maxLength: 2 }),
          allOf: fc.array(tie("schema"), { maxLength: 2 }),
          $defs: fc.dictionary(fc.constantFrom("a", "b"), tie("schema"), { maxKeys: 2 }),
        },
        { requiredKeys: [] },
      ),
    ),
  }));
  const targets = ["plain", "object-root", "typed-branches", "openapi"] as const;

  test("becomes an object, keeps its meaning, and adapting twice changes nothing", () => {
    fc.assert(
      fc.property(schema.filter(isObject), fc.constantFrom(...targets), (given, target) => {
        const before = JSON.stringify(given);
        const adapted = adaptSchema(given, target);
        expect(JSON.stringify(given)).toBe(before);
        expect(adapted.type).toBe("object");
        expect(isObject(adapted.properties)).toBe(true);
        expect(adaptSchema(adapted, target)).toEqual(adapted);
      }),
      { numRuns: 300 },
    );
  }, 30_000);
});
