import { expect, test } from "bun:test";
import { exampleOf } from "../../src/demo/write-example.ts";

test("required properties only, each of its type", () => {
  const schema = {
    type: "object",
    properties: {
      file_path: { type: "string" },
      limit: { type: "integer", minimum: 5 },
      mode: { enum: ["a", "b"] },
      deep: { type: "object", properties: { on: { type: "boolean" } }, required: ["on"] },
      list: { type: "array", items: { type: "number" }, minItems: 2 },
      maybe: { anyOf: [{ type: "null" }, { type: "string" }] },
      either: { type: ["string", "null"], minLength: 6 },
      pointed: { $ref: "#/$defs/word" },
      unused: { type: "string" },
    },
    required: ["file_path", "limit", "mode", "deep", "list", "maybe", "either", "pointed"],
    $defs: { word: { const: "fixed" } },
  };
  expect(exampleOf(schema)).toEqual({
    file_path: "demo",
    limit: 5,
    mode: "a",
    deep: { on: false },
    list: [1, 1],
    maybe: null,
    either: "demooo",
    pointed: "fixed",
  });
});

test("a recursive schema ends", () => {
  const schema = { type: "object", properties: { next: { $ref: "#" } }, required: ["next"] };
  expect(JSON.stringify(exampleOf(schema))).toContain("next");
});

test("a tool without a schema gets an object", () => {
  expect(exampleOf({ type: "object" })).toEqual({});
});
