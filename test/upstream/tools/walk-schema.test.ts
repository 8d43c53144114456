import { expect, test } from "bun:test";
import { listSchemas, mapChildren, mapSchemas } from "../../../src/upstream/tools/walk-schema.ts";

const schema = {
  type: "object",
  properties: {
    "a/b": { type: "array", items: { type: "string" } },
    type: { enum: [{ type: "no schema" }] },
  },
  anyOf: [{ required: ["a"] }, true],
  default: { properties: { x: { type: "no schema" } } },
};

test("schemas are found where schemas are, with their pointers", () => {
  expect([...listSchemas(schema)].map(([, pointer]) => pointer)).toEqual([
    "#",
    "#/properties/a~1b",
    "#/properties/a~1b/items",
    "#/properties/type",
    "#/anyOf/0",
  ]);
});

test("what does not change is the same object, and undefined leaves a schema out", () => {
  expect(mapSchemas(schema, (one) => one)).toBe(schema);
  expect(mapChildren({ items: {}, anyOf: [{}], properties: { a: {} } }, () => undefined)).toEqual({
    properties: {},
  });
});
