import { expect, test } from "bun:test";
import { toTypedBranches } from "../../../src/upstream/tools/write-typed-branches.ts";

const text = { type: "string" };
const number = { type: "number" };
const object = (properties: object, more: object = {}) => ({ type: "object", properties, ...more });

const adapt = (schema: object) => toTypedBranches(object({ a: schema })).properties;

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
