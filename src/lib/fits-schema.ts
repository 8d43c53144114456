/** Whether a value is what a JSON Schema asks for, as far as can be told without its rarer words. */
import { isObject, type JsonObject, parseJson } from "./json.ts";
import { hasType } from "./read-member-schema.ts";

/**
 * Strict about what is required, known and typed; a schema that says nothing allows everything. A string may contain
 * the value as JSON, because models write it like that.
 */
export function fitsSchema(value: unknown, schema: unknown): boolean {
  if (!isObject(schema)) return schema !== false;
  if ("const" in schema && schema.const !== value) return false;
  if (Array.isArray(schema.enum) && !schema.enum.includes(value)) return false;
  if (!fitsType(value, schema)) return false;
  if (!fitsBranches(value, schema)) return false;
  if (isObject(value)) return fitsMembers(value, schema);
  return !Array.isArray(value) || value.every((item) => fitsSchema(item, schema.items));
}

function fitsType(value: unknown, { type }: JsonObject): boolean {
  const named = Array.isArray(type) ? type : [type];
  const types = new Set(named.filter((one) => typeof one === "string"));
  if (types.size === 0 || hasType(types, value)) return true;
  if (typeof value !== "string") return false;
  const inner = parseJson(value);
  return inner !== undefined && hasType(types, inner);
}

function fitsBranches(value: unknown, { anyOf, oneOf, allOf }: JsonObject): boolean {
  const fits = (branch: unknown) => fitsSchema(value, branch);
  for (const branches of [anyOf, oneOf]) if (Array.isArray(branches) && !branches.some(fits)) return false;
  return !Array.isArray(allOf) || allOf.every(fits);
}

function fitsMembers(value: JsonObject, { properties, required, additionalProperties }: JsonObject): boolean {
  const known = isObject(properties) ? properties : {};
  if (
    Array.isArray(required) &&
    !required.every((name) => typeof name !== "string" || Object.hasOwn(value, name))
  )
    return false;
  return Object.entries(value).every(([name, member]) => {
    if (Object.hasOwn(known, name)) {
      // A null for what may be left out is left out.
      const isOptional = !(Array.isArray(required) && required.includes(name));
      return (member === null && isOptional) || fitsSchema(member, known[name]);
    }
    return additionalProperties === undefined || fitsSchema(member, additionalProperties);
  });
}
