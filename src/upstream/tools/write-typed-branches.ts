/**
 * Writes schemas as Moonshot accepts them. Its 400s say: "when using anyOf, type should be defined in anyOf items
 * instead of the parent schema", "conflicting keywords found after $ref expansion", "type is not defined". It merges
 * `allOf` without regard for `if`, and does not know tuples.
 */
import { isObject, type JsonObject } from "../../lib/json.ts";
import { alternativesOf, asList, foldAllOf, mergeBranches } from "./merge-branches.ts";

const maxDepth = 32;

/** @param schema has an object at its root, and no branches there */
export function toTypedBranches(schema: JsonObject): JsonObject {
  return convert(schema, schema, 0);
}

function convert(value: unknown, root: JsonObject, depth: number): JsonObject {
  if (!isObject(value)) return { type: "string" };
  if (depth > maxDepth) return { type: "object" };
  if (typeof value.$ref === "string") return { $ref: value.$ref };
  if (Array.isArray(value.allOf)) return convert(foldAllOf(value, root), root, depth + 1);
  const inner = (child: unknown) => convert(child, root, depth + 1);
  const alternatives = alternativesOf(value).filter(isObject);
  if (alternatives.length > 0 && isObject(value.properties)) return inner(mergeBranches(value, root));
  if (alternatives.length > 0) {
    const { type, anyOf, oneOf, ...rest } = value;
    const typed = alternatives.map((one) =>
      inner(type === undefined || hasType(one) ? one : { type, ...one }),
    );
    return { ...convertKeys(rest, inner), anyOf: typed };
  }
  const converted = convertKeys(value, inner);
  return hasType(converted) ? converted : { type: guessType(value), ...converted };
}

const hasType = ({ type, anyOf, $ref }: JsonObject): boolean => (type ?? anyOf ?? $ref) !== undefined;

const conditions = new Set(["if", "then", "else", "anyOf", "oneOf", "allOf", "prefixItems"]);

function convertKeys(schema: JsonObject, inner: (child: unknown) => JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(schema).flatMap(([key, value]): [string, unknown][] => {
      if (conditions.has(key)) return key === "prefixItems" ? [["items", itemOf(value, inner)]] : [];
      switch (key) {
        case "properties":
        case "$defs":
        case "definitions":
          return [[key, isObject(value) ? mapValues(value, inner) : {}]];
        case "items":
          return [[key, Array.isArray(value) ? itemOf(value, inner) : inner(value)]];
        case "additionalProperties":
          return [[key, isObject(value) ? inner(value) : value]];
        case "const":
          return [["enum", [value]]];
        default:
          return [[key, value]];
      }
    }),
  );
}

/** One schema for all positions of a tuple. */
function itemOf(places: unknown, inner: (child: unknown) => JsonObject): JsonObject {
  const distinct = new Map(asList(places).map((place) => [JSON.stringify(place), place]));
  return inner(distinct.size > 1 ? { anyOf: [...distinct.values()] } : [...distinct.values()][0]);
}

function mapValues(schemas: JsonObject, convert: (child: unknown) => JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(schemas).map(([name, value]) => [name, convert(value)]));
}

function guessType(schema: JsonObject): string {
  if (isObject(schema.properties) || schema.additionalProperties !== undefined) return "object";
  if (schema.items !== undefined || schema.prefixItems !== undefined) return "array";
  const [sample] = "const" in schema ? [schema.const] : asList(schema.enum);
  const known = typeof sample;
  return known === "number" || known === "boolean" ? known : "string";
}
