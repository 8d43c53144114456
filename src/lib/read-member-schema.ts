/** What a JSON Schema says about the members of an object or an array. */
import { isObject, type JsonObject } from "./json.ts";

/** @param name the property; undefined for an item of an array */
export function memberSchema(
  schema: JsonObject | undefined,
  name: string | undefined,
): JsonObject | undefined {
  if (!schema) return undefined;
  const properties = isObject(schema.properties) ? schema.properties : {};
  const member = name === undefined ? schema.items : properties[name];
  return isObject(member) ? member : undefined;
}

/** The types that a schema allows, as far as it names them; undefined if it may allow others. */
export function allowedTypes(schema: JsonObject | undefined): ReadonlySet<string> | undefined {
  if (!schema || "$ref" in schema || "enum" in schema || "const" in schema) return undefined;
  const { type, anyOf, oneOf } = schema;
  if (typeof type === "string") return new Set([type]);
  if (Array.isArray(type)) return new Set(type.filter((one) => typeof one === "string"));
  const branches = anyOf ?? oneOf;
  if (!Array.isArray(branches)) return undefined;
  const types = branches.map((branch) => (isObject(branch) ? allowedTypes(branch) : undefined));
  return types.includes(undefined) ? undefined : new Set(types.flatMap((one) => [...(one ?? [])]));
}

/** JSON Schema's name of a value's type; `integer` for a number without a fraction. */
function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (Number.isInteger(value)) return "integer";
  return typeof value;
}

/** Whether a value has one of the types. */
export function hasType(types: ReadonlySet<string>, value: unknown): boolean {
  const type = typeOf(value);
  return types.has(type) || (type === "integer" && types.has("number"));
}

/** Whether a property is optional and may not be `null`, so that `null` can only mean that it is left out. */
export function refusesNull(schema: JsonObject | undefined, name: string): boolean {
  if (Array.isArray(schema?.required) && schema.required.includes(name)) return false;
  const member = memberSchema(schema, name);
  return member !== undefined && !allowsNull(member);
}

/** Whether a schema allows `null`; one that says nothing about its type allows everything. */
function allowsNull(schema: JsonObject): boolean {
  if (schema.nullable === true || "$ref" in schema) return true;
  if (Array.isArray(schema.enum)) return schema.enum.includes(null);
  if ("const" in schema) return schema.const === null;
  const branches = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(branches)) return branches.some((branch) => !isObject(branch) || allowsNull(branch));
  if (Array.isArray(schema.type)) return schema.type.includes("null");
  return schema.type === undefined || schema.type === "null";
}
