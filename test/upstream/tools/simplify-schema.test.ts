import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { quirksNamed } from "../../../src/catalog/choose-quirks.ts";
import type { JsonObject } from "../../../src/lib/json.ts";
import { adaptSchema } from "../../../src/upstream/tools/adapt-schema.ts";
import { dropKeywords, keepBasics, simplifySchema } from "../../../src/upstream/tools/simplify-schema.ts";
import { refusedByGo, refusedByLlama, refusedByOpenai } from "../../support/schema-rules.ts";

const any = { patterns: "portable", grammar: false } as const;
const grammar = { patterns: "none", grammar: true } as const;
const within = (schema: unknown, rules: Parameters<typeof simplifySchema>[1] = any) =>
  simplifySchema({ properties: { a: schema } }, rules).properties;

describe("boolean schemas", () => {
  test.each([
    [true, { a: {} }],
    [false, {}],
    [{ type: "array", items: true }, { a: { type: "array", items: {} } }],
    [
      { type: "array", prefixItems: [true, false], items: false },
      { a: { type: "array", prefixItems: [{}, {}], items: {} } },
    ],
    [{ anyOf: [true, { type: "null" }, false] }, { a: { anyOf: [{}, { type: "null" }] } }],
    [{ type: "object", additionalProperties: false }, { a: { type: "object", additionalProperties: false } }],
    [{ type: "string", not: true }, { a: { type: "string" } }],
    [{ enum: [true, false], default: true }, { a: { enum: [true, false], default: true } }],
  ])("%j", (schema, expected) => {
    expect(within(schema)).toEqual(expected);
  });

  test("a property that nothing fits cannot be required", () => {
    expect(simplifySchema({ properties: { a: false, b: {} }, required: ["a", "b"] }, any)).toEqual({
      properties: { b: {} },
      required: ["b"],
    });
  });
});

test("a keyword that is null says nothing, except where null is a value", () => {
  const empty = { properties: null, required: null, description: null };
  expect(simplifySchema({ type: "object", ...empty }, any)).toEqual({ type: "object" });
  expect(within({ const: null, default: null, enum: [null], items: { type: "object", ...empty } })).toEqual({
    a: { const: null, default: null, enum: [null], items: { type: "object" } },
  });
  expect(simplifySchema({ properties: { required: { type: "null" } } }, any)).toEqual({
    properties: { required: { type: "null" } },
  });
});

test("arrays have items, wherever they are", () => {
  const items = { items: {} };
  expect(
    within({ anyOf: [{ type: ["array", "null"] }, { type: "array", items: { type: "array" } }] }),
  ).toEqual({
    a: {
      anyOf: [
        { type: ["array", "null"], ...items },
        { type: "array", items: { type: "array", ...items } },
      ],
    },
  });
});

describe("patterns", () => {
  test("that not everybody reads become words", () => {
    expect(within({ type: "string", description: "A year", pattern: "^(?<year>\\d{4})$" })).toEqual({
      a: { type: "string", description: "A year. Must match the regular expression ^(?<year>\\d{4})$" },
    });
    expect(within({ patternProperties: { "^\\p{L}": {}, "^a": {} } })).toEqual({
      a: { patternProperties: { "^a": {} } },
    });
  });

  test("that everybody reads stay, unless the server takes none", () => {
    const schema = { type: "string", pattern: "^[a-z]+$" };
    expect(within(schema)).toEqual({ a: schema });
    expect(within(schema, grammar)).toEqual({
      a: { type: "string", description: "Must match the regular expression ^[a-z]+$" },
    });
  });

  test("are not looked for among names and values", () => {
    const schema = {
      properties: { pattern: { type: "string" } },
      default: { pattern: "\\p{L}", items: true },
    };
    expect(within(schema)).toEqual({ a: schema });
  });
});

describe("references for grammars", () => {
  const refer = (schema: JsonObject, more: JsonObject = {}) =>
    simplifySchema({ type: "object", properties: { a: schema }, ...more }, grammar).properties;

  test.each([
    [{ $ref: "#" }, { type: "object" }],
    [{ $ref: "#/$defs/b" }, { $ref: "#/$defs/b" }],
    [{ $ref: "#node" }, { $ref: "#/$defs/b" }],
    [{ $dynamicRef: "#node" }, { $ref: "#/$defs/b" }],
    [{ $ref: "#/$defs/gone" }, {}],
    [{ $ref: "https://example.com/schema.json", type: "string" }, { type: "string" }],
  ])("%j", (schema, expected) => {
    expect(refer(schema, { $defs: { b: { $anchor: "node", type: "string" } } })).toEqual({ a: expected });
  });
});

test("the basics are what any parser knows", () => {
  const schema = { type: "object", properties: { title: { type: "string", format: "uri" } }, nullable: true };
  expect(keepBasics(schema)).toEqual({ type: "object", properties: { title: { type: "string" } } });
});

test("keywords are dropped everywhere, and names stay", () => {
  const schema = { properties: { format: { type: "string", format: "uri" } } };
  expect(dropKeywords(schema, ["format"])).toEqual({ properties: { format: { type: "string" } } });
  expect(dropKeywords(schema, [])).toBe(schema);
});

const patterns = [
  "^[a-z]+$",
  "^\\p{L}+$",
  "^(?<year>\\d{4})$",
  "[^]",
  "\\u{1F600}",
  "\\u0041",
  "^(?=a)",
  "(a)\\1",
  "a{2000}",
  "\\d+",
  "^a\\/b$",
  "\\cA",
  "[]",
];
/** Valid schemas with everything that validators stumble over. */
const { schema } = fc.letrec<{ schema: unknown }>((tie) => ({
  schema: fc.oneof(
    { depthSize: "small", maxDepth: 4 },
    fc.boolean(),
    fc.constant({}),
    fc.constant({ description: "Anything" }),
    fc
      .constantFrom("#", "#/$defs/one", "#node", "#/$defs/gone", "https://a.example/b")
      .map(($ref) => ({ $ref })),
    fc.constantFrom(...patterns).map((pattern) => ({ type: "string", pattern })),
    fc.constantFrom(...patterns).map((pattern) => ({ pattern })),
    fc.constantFrom("array", "string", "null", "object").map((type) => ({ type })),
    fc.constant({ type: ["array", "null"] }),
    fc.constant({ enum: ["x", null, 1] }),
    fc.record({ type: fc.constant("array"), items: tie("schema") }),
    fc.record({
      type: fc.constant("array"),
      prefixItems: fc.array(tie("schema"), { minLength: 1, maxLength: 2 }),
    }),
    fc.record({ anyOf: fc.array(tie("schema"), { minLength: 1, maxLength: 3 }) }),
    fc.record(
      {
        type: fc.constant("object"),
        properties: fc.dictionary(fc.constantFrom("a", "b", "c"), tie("schema"), { maxKeys: 3 }),
        additionalProperties: tie("schema"),
        not: tie("schema"),
      },
      { requiredKeys: ["type"] },
    ),
  ),
}));
const tool = fc.record({
  type: fc.constant("object"),
  properties: fc.dictionary(fc.constantFrom("a", "b"), schema, { maxKeys: 2 }),
  $defs: schema.map((one) => ({ one, named: { $anchor: "node", type: "string" } })),
});

describe("every schema that is sent is one that the server takes:", () => {
  const rules = [
    ["openai", refusedByOpenai],
    ["azure", refusedByOpenai],
    ["generic", refusedByOpenai],
    ["generic", refusedByGo],
    ["moonshot", refusedByGo],
    ["gemini", refusedByGo],
    ["llamacpp", refusedByLlama],
    ["lmstudio", refusedByLlama],
  ] as const;
  test.each(rules)("%s", (backend, refuse) => {
    fc.assert(
      fc.property(tool, (given) => {
        expect(refuse(adaptSchema(given, quirksNamed(backend).tools))).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });

  test("in its basic form, any of them", () => {
    const loss = { keywords: [], form: "basic" } as const;
    fc.assert(
      fc.property(tool, (given) => {
        const basic = adaptSchema(given, quirksNamed("generic").tools, loss);
        for (const refuse of [refusedByOpenai, refusedByGo]) expect(refuse(basic)).toBeUndefined();
        expect(JSON.stringify(basic)).not.toMatch(/"(pattern|\$ref|format|not|additionalProperties)":/);
      }),
    );
  });
});
