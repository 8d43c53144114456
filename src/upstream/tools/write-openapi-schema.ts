/**
 * Writes schemas in the subset of OpenAPI that Gemini reads: one type each, only strings in enums, `anyOf` alone in
 * its object, no references. Source: Schema in the Gemini API reference, and the 400s it gives for anything else.
 */
import { isObject, type JsonObject } from "../../lib/json.ts";
import { alternativesOf, asList, foldAllOf, mergeBranches, resolveRef } from "./merge-branches.ts";

const maxDepth = 32;
/** Inlining may multiply a schema; beyond this many nodes the rest becomes any object. */
const maxNodes = 2000;

type Type = "string" | "number" | "integer" | "boolean" | "array" | "object";
const types: ReadonlySet<unknown> = new Set<Type>([
  "string",
  "number",
  "integer",
  "boolean",
  "array",
  "object",
]);
const isType = (value: unknown): value is Type => types.has(value);

/** The keywords a type may have besides `type`, `title`, `description` and `nullable`, and their types. */
const limits = (...names: string[]) => names.map((name) => [name, "number"] as const);
const constraints: Readonly<Record<Type, ReadonlyMap<string, "string" | "number">>> = {
  string: new Map([...limits("minLength", "maxLength"), ["pattern", "string"]]),
  number: new Map(limits("minimum", "maximum")),
  integer: new Map(limits("minimum", "maximum")),
  boolean: new Map(),
  array: new Map(limits("minItems", "maxItems")),
  object: new Map(),
};
const formats: Readonly<Record<Type, readonly unknown[]>> = {
  string: ["date-time"],
  number: ["float", "double"],
  integer: ["int32", "int64"],
  boolean: [],
  array: [],
  object: [],
};

type Walk = { readonly root: JsonObject; nodesLeft: number };
type Place = { readonly depth: number; readonly refs: readonly string[] };

/** @param schema has an object at its root, and no branches there */
export function toOpenApi(schema: JsonObject): JsonObject {
  return convert(schema, { root: schema, nodesLeft: maxNodes }, { depth: 0, refs: [] });
}

function convert(value: unknown, walk: Walk, place: Place): JsonObject {
  if (!isObject(value)) return {};
  walk.nodesLeft -= 1;
  if (place.depth > maxDepth || walk.nodesLeft < 0) return { type: "object" };
  const deeper = { ...place, depth: place.depth + 1 };
  const { $ref, ...rest } = value;
  if (typeof $ref === "string") {
    const target = place.refs.includes($ref) ? undefined : resolveRef($ref, walk.root);
    const inlined = target ? { ...target, ...rest } : { type: "object", description: rest.description };
    return convert(inlined, walk, { ...deeper, refs: [...place.refs, $ref] });
  }
  if (Array.isArray(value.allOf)) return convert(foldAllOf(value, walk.root), walk, deeper);
  const alternatives = alternativesOf(value).filter(isObject);
  if (alternatives.length > 0 && isObject(value.properties))
    return convert(mergeBranches(value, walk.root), walk, deeper);
  if (alternatives.length > 0) {
    const { anyOf, oneOf, description, title, default: _, ...shared } = value;
    return convertUnion(
      alternatives.map((one) => ({ ...shared, ...one })),
      value,
      walk,
      deeper,
    );
  }
  const named = Array.isArray(value.type) ? [...new Set(value.type)] : [value.type];
  const known = named.filter(isType);
  if (known.length > 1) {
    const { description, title, ...shared } = value;
    const each = named.filter((type) => isType(type) || type === "null");
    return convertUnion(
      each.map((type) => ({ ...shared, type })),
      value,
      walk,
      deeper,
    );
  }
  const isNullable =
    value.nullable === true || named.includes("null") || enumOf(value)?.includes(null) === true;
  const type = known[0] ?? (named.includes("null") ? "string" : guessType(value));
  const converted = convertKeys(value, type, (child) => convert(child, walk, deeper));
  return isNullable ? { ...converted, nullable: true } : converted;
}

/** Alternatives without null, which becomes `nullable` on each of the others. A single one replaces the union. */
function convertUnion(
  alternatives: readonly JsonObject[],
  { description, nullable }: JsonObject,
  walk: Walk,
  place: Place,
): JsonObject {
  const isNull = ({ type }: JsonObject) => type === "null";
  const isNullable = nullable === true || alternatives.some(isNull);
  const marks = {
    ...(typeof description === "string" && { description }),
  };
  const flat = alternatives
    .filter((one) => !isNull(one))
    .map((one) => convert(one, walk, place))
    .flatMap((one) => (Array.isArray(one.anyOf) ? one.anyOf.filter(isObject) : [one]))
    .map((one) => ({ ...marks, ...one, ...(isNullable && { nullable: true }) }));
  const distinct = [...new Map(flat.map((one) => [JSON.stringify(one), one])).values()];
  const [first] = distinct;
  if (!first) return { ...marks, type: "string", nullable: true };
  return distinct.length === 1 ? first : { anyOf: distinct };
}

function convertKeys(
  schema: JsonObject,
  type: Type | undefined,
  inner: (child: unknown) => JsonObject,
): JsonObject {
  const values = enumOf(schema)?.filter((value) => value !== null && value !== "") ?? [];
  const words = values.filter((value) => typeof value === "string");
  const isWordList = words.length > 0 && words.length === values.length && (type ?? "string") === "string";
  const converted: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(schema)) {
    if (key === "type" && type) converted.type = type;
    else if (key === "title" || key === "description") {
      if (typeof value === "string") converted[key] = value;
    } else if ((key === "enum" || key === "const") && isWordList) converted.enum = words;
    else if (type) Object.assign(converted, convertKey(key, value, schema, type, inner));
  }
  if (type && !converted.type) converted.type = type;
  const { items = {} } = converted;
  if (type === "array" && isObject(items) && Object.keys(items).length === 0)
    converted.items = { type: "string" };
  // Enums cannot contain numbers or booleans.
  if (values.length > 0 && !isWordList) {
    const list = `One of ${values.map((value) => JSON.stringify(value)).join(", ")}`;
    converted.description = converted.description ? `${String(converted.description)}. ${list}` : list;
  }
  return converted;
}

function convertKey(
  key: string,
  value: unknown,
  schema: JsonObject,
  type: Type,
  inner: (child: unknown) => JsonObject,
): JsonObject {
  if (key === "format") return formats[type].includes(value) ? { format: value } : {};
  if (type === "array" && (key === "items" || key === "prefixItems")) {
    return { items: inner(Array.isArray(value) ? { anyOf: value.filter(isObject) } : value) };
  }
  if (type === "object" && key === "properties" && isObject(value)) {
    return {
      properties: Object.fromEntries(Object.entries(value).map(([name, one]) => [name, inner(one)])),
    };
  }
  if (type === "object" && key === "required") {
    const { properties } = schema;
    const defined = asList(value).filter(
      (name) => typeof name === "string" && isObject(properties) && Object.hasOwn(properties, name),
    );
    return defined.length > 0 ? { required: [...new Set(defined)] } : {};
  }
  const kind: string = typeof value;
  return kind === constraints[type].get(key) ? { [key]: value } : {};
}

function enumOf(schema: JsonObject): readonly unknown[] | undefined {
  if ("const" in schema) return [schema.const];
  return Array.isArray(schema.enum) ? schema.enum : undefined;
}

function guessType(schema: JsonObject): Type | undefined {
  if (isObject(schema.properties)) return "object";
  if (schema.items !== undefined || schema.prefixItems !== undefined) return "array";
  const kinds = new Set(enumOf(schema)?.map((value) => typeof value));
  return (["string", "number", "boolean"] as const).find((kind) => kinds.has(kind));
}
