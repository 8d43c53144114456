/** Tool schemas as every backend takes them. Key order stays: it is part of the prompt that backends cache. */
import { isObject, type JsonObject } from "../lib/json.ts";

/** Says nothing about the arguments; some servers refuse the unknown name. */
const annotations = new Set(["$schema", "$id"]);

/** The schema of a tool's arguments with an object at its root. */
export function cleanSchema(schema: JsonObject): JsonObject {
  const kept = Object.fromEntries(Object.entries(schema).filter(([key]) => !annotations.has(key)));
  return {
    ...kept,
    type: "object",
    properties: isObject(kept.properties) ? kept.properties : {},
  };
}

/**
 * Whether OpenAI's strict mode takes the schema: every object closed, every property required. Others would be
 * refused. Source: OpenAI's structured outputs guide.
 */
export function isStrictSchema(schema: unknown): boolean {
  if (Array.isArray(schema)) return schema.every(isStrictSchema);
  if (!isObject(schema)) return true;
  if (isObject(schema.properties)) {
    const required = Array.isArray(schema.required) ? schema.required : [];
    if (schema.additionalProperties !== false) return false;
    if (!Object.keys(schema.properties).every((name) => required.includes(name))) return false;
  } else if (schema.type === "object") return false;
  return Object.values(schema).every(isStrictSchema);
}
