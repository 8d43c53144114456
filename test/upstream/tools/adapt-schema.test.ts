import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { isObject } from "../../../src/lib/json.ts";
import { adaptSchema, cleanSchema, isStrictSchema } from "../../../src/upstream/tools/adapt-schema.ts";

const text = { type: "string" };
type Target = Parameters<typeof adaptSchema>[1]["schema"];
const rulesFor = (schema: Target) => ({ schema, patterns: "portable", grammar: false }) as const;
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

test("an object with branches or a wrong type gets an object at its root for strict targets", () => {
  const schema = { enum: ["a"], not: {}, anyOf: [{ properties: { a: text } }, true] };
  expect(adaptSchema(schema, rulesFor("plain"))).toEqual({
    ...schema,
    anyOf: [{ properties: { a: text } }, {}],
    type: "object",
    properties: {},
  });
  for (const target of ["object-root", "typed-branches", "openapi"] as const)
    expect(adaptSchema(schema, rulesFor(target))).toEqual({ type: "object", properties: { a: text } });
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
        const adapted = adaptSchema(given, rulesFor(target));
        expect(JSON.stringify(given)).toBe(before);
        expect(adapted.type).toBe("object");
        expect(isObject(adapted.properties)).toBe(true);
        expect(adaptSchema(adapted, rulesFor(target))).toEqual(adapted);
      }),
      { numRuns: 300 },
    );
  });
});
