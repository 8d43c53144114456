import { expect, test } from "bun:test";
import { fitsSchema } from "../../src/lib/fits-schema.ts";

const rows: [name: string, schema: unknown, fits: unknown[], others: unknown[]][] = [
  ["no schema", undefined, [1, null, {}], []],
  ["nothing allowed", false, [], [1, null]],
  ["types", { type: ["string", "null"] }, ["a", null], [1, {}]],
  ["an integer is a number", { type: "number" }, [1, 1.5, "2"], ["a", true]],
  ["an array in a string", { type: "array" }, [[], "[1]"], ["{}", "a", 1]],
  ["items", { type: "array", items: { type: "string" } }, [["a"]], [[1]]],
  ["enum and const", { enum: ["a", 1] }, ["a", 1], ["b"]],
  ["branches", { anyOf: [{ type: "string" }, { type: "array" }] }, ["a", []], [1]],
  ["all of", { allOf: [{ type: "object" }, { required: ["a"] }] }, [{ a: 1 }], [{}]],
  [
    "members",
    { type: "object", properties: { a: { type: "string" }, b: { type: "integer" } }, required: ["a"] },
    [{ a: "x" }, { a: "x", b: 1 }, { a: "x", b: null }, { a: "x", other: 1 }],
    [{}, { a: null }, { a: "x", b: "y" }, { b: 1 }],
  ],
  [
    "no other members",
    { properties: { a: {} }, additionalProperties: false },
    [{}, { a: 1 }],
    [{ b: 1 }, { toString: 1 }],
  ],
  ["an inherited name is not required", { required: ["toString"] }, [{ toString: 1 }], [{}]],
];

for (const [name, schema, fits, others] of rows)
  test(name, () => {
    expect(fits.filter((value) => !fitsSchema(value, schema))).toEqual([]);
    expect(others.filter((value) => fitsSchema(value, schema))).toEqual([]);
  });
