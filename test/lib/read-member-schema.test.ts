import { describe, expect, test } from "bun:test";
import { memberSchema, refusesNull } from "../../src/lib/read-member-schema.ts";

const text = { type: "string" };

test("memberSchema finds the schema of a property, or of a list's items", () => {
  expect(memberSchema({ properties: { a: text } }, "a")).toEqual(text);
  expect(memberSchema({ items: text }, undefined)).toEqual(text);
  for (const schema of [undefined, {}, { properties: { a: true } }, { properties: null }])
    expect(memberSchema(schema, "a")).toBeUndefined();
  expect(memberSchema({ items: [text] }, undefined)).toBeUndefined();
});

describe("refusesNull", () => {
  const refuses = (schema: object, required: string[] = []) =>
    refusesNull({ properties: { a: schema }, required }, "a");

  test.each([
    text,
    { enum: ["x"] },
    { const: "x" },
    { type: ["string", "number"] },
    { anyOf: [text, { type: "number" }] },
  ])("of an optional property with %j", (schema) => {
    expect(refuses(schema)).toBe(true);
    expect(refuses(schema, ["a"])).toBe(false);
  });

  test.each([
    {},
    { type: "null" },
    { type: ["string", "null"] },
    { type: "string", nullable: true },
    { $ref: "#/$defs/T" },
    { enum: ["x", null] },
    { const: null },
    { oneOf: [text, { type: "null" }] },
    { anyOf: [text, true] },
  ])("not with %j", (schema) => {
    expect(refuses(schema)).toBe(false);
  });

  test("not of an unknown property", () => {
    expect(refusesNull({ properties: {} }, "a")).toBe(false);
    expect(refusesNull(undefined, "a")).toBe(false);
  });
});
