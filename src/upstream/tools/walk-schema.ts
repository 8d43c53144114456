/** Where a JSON schema has schemas inside it. Values such as those of `enum` and `default` are not schemas. */
import { isObject, type JsonObject } from "../../lib/json.ts";

const holdsNamed = new Set(["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"]);
const holdsList = new Set(["allOf", "anyOf", "oneOf", "prefixItems"]);
const holdsOne = new Set([
  "items",
  "additionalItems",
  "additionalProperties",
  "unevaluatedItems",
  "unevaluatedProperties",
  "contains",
  "propertyNames",
  "not",
  "if",
  "then",
  "else",
]);

/** The keyword that a schema is found under, and its name or number if there are several. */
export type SchemaPlace = { readonly keyword: string; readonly name?: string | number };

/**
 * The schema with each schema directly inside it replaced; undefined leaves it out. The order of keys is kept. The same
 * object if nothing changes.
 */
export function mapChildren(
  schema: JsonObject,
  map: (child: unknown, place: SchemaPlace) => unknown,
): JsonObject {
  let isChanged = false;
  const entries = Object.entries(schema).flatMap(([keyword, value]): [string, unknown][] => {
    const mapped = mapValue(keyword, value, map);
    isChanged ||= mapped !== value;
    return mapped === undefined ? [] : [[keyword, mapped]];
  });
  return isChanged ? Object.fromEntries(entries) : schema;
}

function mapValue(
  keyword: string,
  value: unknown,
  map: (child: unknown, place: SchemaPlace) => unknown,
): unknown {
  if (holdsNamed.has(keyword) && isObject(value)) {
    const entries = Object.entries(value).map(
      ([name, child]) => [name, map(child, { keyword, name })] as const,
    );
    if (entries.every(([name, child]) => child === value[name])) return value;
    return Object.fromEntries(entries.filter(([, child]) => child !== undefined));
  }
  if (Array.isArray(value) && (holdsList.has(keyword) || keyword === "items")) {
    const items = value.map((child, name) => map(child, { keyword, name }));
    if (items.every((child, at) => child === value[at])) return value;
    const kept = items.filter((child) => child !== undefined);
    return kept.length > 0 ? kept : undefined;
  }
  return holdsOne.has(keyword) ? map(value, { keyword }) : value;
}

/** The schema with every schema in it replaced, the innermost first. */
export function mapSchemas(schema: JsonObject, change: (schema: JsonObject) => JsonObject): JsonObject {
  return change(mapChildren(schema, (child) => (isObject(child) ? mapSchemas(child, change) : child)));
}

/** Every schema in it, itself first, with the JSON pointer to it. */
export function* listSchemas(schema: JsonObject, pointer = "#"): Generator<readonly [JsonObject, string]> {
  yield [schema, pointer];
  const children: (readonly [JsonObject, string])[] = [];
  mapChildren(schema, (child, { keyword, name }) => {
    const steps = [keyword, ...(name === undefined ? [] : [String(name)])].map(writeStep);
    if (isObject(child)) children.push([child, [pointer, ...steps].join("/")]);
    return child;
  });
  for (const [child, at] of children) yield* listSchemas(child, at);
}

/** A step of a JSON pointer: RFC 6901, section 3. */
function writeStep(step: string): string {
  return step.replaceAll("~", "~0").replaceAll("/", "~1");
}
