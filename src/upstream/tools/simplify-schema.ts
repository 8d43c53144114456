/**
 * Rewrites what validators refuse in a schema. Every server's parser has to understand the result: llama.cpp makes a
 * grammar of it, OpenAI and vLLM check it in Python, Gemini and Moonshot in Go.
 */
import type { Quirks, SchemaLoss } from "../../catalog/quirks.ts";
import { isObject, type JsonObject } from "../../lib/json.ts";
import { asList, resolveRef } from "./merge-branches.ts";
import { isPortablePattern } from "./portable-pattern.ts";
import { listSchemas, mapChildren, mapSchemas, type SchemaPlace } from "./walk-schema.ts";

export type SchemaRules = Pick<Quirks["tools"], "schema" | "patterns" | "grammar">;

/** Schemas, where `true` and `false` are values like any other. */
const takesBoolean = new Set(["additionalProperties", "unevaluatedProperties"]);

/**
 * The schema without boolean schemas ("Unrecognized schema: true", llama.cpp), without arrays whose items are not
 * described ("array schema missing items", OpenAI), without keywords that are null ("None is not of type 'array'",
 * OpenAI), and without patterns and references that the rules exclude.
 */
export function simplifySchema(
  root: JsonObject,
  rules: Pick<SchemaRules, "patterns" | "grammar">,
): JsonObject {
  const anchors = rules.grammar ? findAnchors(root) : new Map<string, string>();
  const simplify = (schema: JsonObject): JsonObject => {
    const simple = leavePatterns(
      mapChildren(requireNothingMissing(leaveOutNulls(schema)), simplifyChild),
      rules.patterns,
    );
    return describeItems(rules.grammar ? addType(writePointers(simple, root, anchors)) : simple);
  };
  const simplifyChild = (child: unknown, place: SchemaPlace): unknown => {
    if (typeof child === "boolean") return writeBoolean(child, place);
    return isObject(child) ? simplify(child) : child;
  };
  return simplify(root);
}

function writeBoolean(value: boolean, { keyword }: SchemaPlace): unknown {
  if (takesBoolean.has(keyword)) return value;
  if (keyword === "not") return undefined;
  // What nothing fits is left out, but a tuple keeps its places.
  return value || keyword === "prefixItems" ? {} : undefined;
}

/** Where null is a value like any other. Anthropic takes it for `properties` and `required`, where it means none. */
const mayBeNull = new Set(["const", "default"]);

function leaveOutNulls(schema: JsonObject): JsonObject {
  const entries = Object.entries(schema);
  const kept = entries.filter(([keyword, value]) => value !== null || mayBeNull.has(keyword));
  return kept.length === entries.length ? schema : Object.fromEntries(kept);
}

/** A property that was left out cannot be required. */
function requireNothingMissing(schema: JsonObject): JsonObject {
  const { properties, required } = schema;
  if (!Array.isArray(required) || !isObject(properties)) return schema;
  const isForbidden = (name: unknown) => properties[String(name)] === false;
  return required.some(isForbidden)
    ? { ...schema, required: required.filter((name) => !isForbidden(name)) }
    : schema;
}

function describeItems(schema: JsonObject): JsonObject {
  const isArray = schema.type === "array" || asList(schema.type).includes("array");
  return isArray && schema.items === undefined ? { ...schema, items: {} } : schema;
}

const allTypes = ["string", "number", "boolean", "object", "array", "null"];
/** What says which values fit, besides a type. */
const deciding = new Set([
  "$ref",
  "anyOf",
  "oneOf",
  "allOf",
  "enum",
  "const",
  "properties",
  "items",
  "prefixItems",
]);

/** A schema that only describes fits any value; to llama.cpp it is an "Unrecognized schema". */
function addType(schema: JsonObject): JsonObject {
  const keys = Object.keys(schema);
  if (keys.length === 0 || schema.type !== undefined || keys.some((key) => deciding.has(key))) return schema;
  return isObject(schema.additionalProperties) ? schema : { ...schema, type: allTypes };
}

function leavePatterns(schema: JsonObject, patterns: SchemaRules["patterns"]): JsonObject {
  const isLeft = (pattern: string) => patterns === "portable" && isPortablePattern(pattern);
  let left = schema;
  if (typeof left.pattern === "string" && !isLeft(left.pattern)) {
    const { pattern, ...rest } = left;
    left = describe(rest, `Must match the regular expression ${String(pattern)}`);
  }
  if (isObject(left.patternProperties)) {
    const { patternProperties, ...rest } = left;
    const kept = Object.entries(patternProperties).filter(([pattern]) => isLeft(pattern));
    if (kept.length === Object.keys(patternProperties).length) return left;
    left = kept.length > 0 ? { ...left, patternProperties: Object.fromEntries(kept) } : rest;
  }
  return left;
}

function describe(schema: JsonObject, words: string): JsonObject {
  const { description } = schema;
  const text = typeof description === "string" && description !== "" ? `${description}. ${words}` : words;
  return { ...schema, description: text };
}

/** The pointer to each named part of a schema. */
function findAnchors(root: JsonObject): Map<string, string> {
  const anchors = new Map<string, string>();
  for (const [schema, pointer] of listSchemas(root)) {
    for (const name of [schema.$anchor, schema.$dynamicAnchor]) {
      if (typeof name === "string") anchors.set(`#${name}`, pointer);
    }
    if (typeof schema.$id === "string" && schema.$id.startsWith("#")) anchors.set(schema.$id, pointer);
  }
  return anchors;
}

/** References as pointers to a part; those that lead nowhere, or to the whole, become any value or object. */
function writePointers(
  schema: JsonObject,
  root: JsonObject,
  anchors: ReadonlyMap<string, string>,
): JsonObject {
  const { $anchor, $dynamicAnchor, $recursiveAnchor, $dynamicRef, $recursiveRef, ...rest } = schema;
  const ref = schema.$ref ?? $dynamicRef ?? $recursiveRef;
  const isPlain = Object.keys(rest).length === Object.keys(schema).length;
  if (ref === undefined) return isPlain ? schema : rest;
  const { $ref, ...others } = rest;
  const pointer = anchors.get(String(ref)) ?? String(ref);
  if (pointer === "#") return { type: "object", ...others };
  if (!pointer.startsWith("#/") || !resolveRef(pointer, root)) return others;
  return isPlain && pointer === $ref ? schema : { ...others, $ref: pointer };
}

/** What the most modest of schemas are made of. */
const basicKeywords = new Set(["type", "properties", "required", "items", "enum", "anyOf", "description"]);

/** @param schema in the subset that `toOpenApi` writes */
export function keepBasics(schema: JsonObject): JsonObject {
  return mapSchemas(schema, (one) =>
    Object.fromEntries(Object.entries(one).filter(([keyword]) => basicKeywords.has(keyword))),
  );
}

export function dropKeywords(schema: JsonObject, keywords: SchemaLoss["keywords"]): JsonObject {
  if (keywords.length === 0) return schema;
  const dropped = new Set(keywords);
  return mapSchemas(schema, (one) => {
    const kept = Object.entries(one).filter(([keyword]) => !dropped.has(keyword));
    return kept.length === Object.keys(one).length ? one : Object.fromEntries(kept);
  });
}
