import { expect, test } from "bun:test";
import { toOpenApi } from "../../../src/upstream/tools/write-openapi-schema.ts";

const text = { type: "string" };
const number = { type: "number" };
const object = (properties: object, more: object = {}) => ({ type: "object", properties, ...more });

const adapt = (schema: object, more: object = {}) => toOpenApi({ ...object({ a: schema }), ...more });

test.each<[string, object, object]>([
  ["const becomes an enum of one", { const: "x" }, { enum: ["x"], type: "string" }],
  [
    "enums of numbers become a description",
    { type: "integer", enum: [1, 2] },
    { type: "integer", description: "One of 1, 2" },
  ],
  ["a number alone has a type", { const: 5 }, { type: "number", description: "One of 5" }],
  ["so have flags", { enum: [true, null] }, { type: "boolean", nullable: true, description: "One of true" }],
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
  ["open objects", { type: "object", additionalProperties: text, patternProperties: {} }, { type: "object" }],
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
