/** Writes the smallest value that a JSON Schema allows, for the arguments of a demo tool call. */
import type { JsonSchema } from "./wire.ts";

/** Deep enough for real tools; it also stops a schema that refers to itself. */
const maxDepth = 8;

export function exampleOf(schema: JsonSchema, name = "", root = schema, depth = 0): unknown {
  if (depth > maxDepth) return null;
  if ("const" in schema) return schema.const;
  if ("default" in schema) return schema.default;
  if (Array.isArray(schema.enum) && schema.enum.length > 0) return schema.enum[0];
  if (Array.isArray(schema.examples) && schema.examples.length > 0) return schema.examples[0];
  const other = alternative(schema, root);
  if (other) return exampleOf(other, name, root, depth + 1);
  switch (typeOf(schema)) {
    case "object":
      return exampleObject(schema, root, depth);
    case "array": {
      const length = numberIn(schema, "minItems") ?? 0;
      const items = isSchema(schema.items) ? schema.items : {};
      return Array.from({ length: Math.min(length, 10) }, () => exampleOf(items, name, root, depth + 1));
    }
    case "integer":
    case "number":
      return exampleNumber(schema);
    case "boolean":
      return false;
    case "null":
      return null;
    default:
      return exampleString(schema, name);
  }
}

function exampleObject(schema: JsonSchema, root: JsonSchema, depth: number): Record<string, unknown> {
  const properties = isSchema(schema.properties) ? schema.properties : {};
  const required = Array.isArray(schema.required) ? schema.required.map(String) : [];
  return Object.fromEntries(
    required.map((name) => {
      const property = properties[name];
      return [name, exampleOf(isSchema(property) ? property : {}, name, root, depth + 1)];
    }),
  );
}

/** Resolves a `$ref` to the schema that describes the value. */
function alternative(schema: JsonSchema, root: JsonSchema): JsonSchema | undefined {
  if (typeof schema.$ref === "string" && schema.$ref.startsWith("#/")) {
    let target: unknown = root;
    for (const step of schema.$ref.slice(2).split("/")) target = isSchema(target) ? target[step] : undefined;
    return isSchema(target) ? target : {};
  }
  for (const keyword of ["anyOf", "oneOf", "allOf"]) {
    const choices = schema[keyword];
    const choice = Array.isArray(choices) ? choices.find(isSchema) : undefined;
    if (choice) return choice;
  }
  return undefined;
}

function typeOf(schema: JsonSchema): unknown {
  if (Array.isArray(schema.type)) return schema.type[0];
  return schema.type ?? (isSchema(schema.properties) ? "object" : "string");
}

function exampleNumber(schema: JsonSchema): number {
  const lowest = numberIn(schema, "minimum");
  const above = numberIn(schema, "exclusiveMinimum");
  const value = lowest ?? (above === undefined ? 1 : above + 1);
  return Math.min(value, numberIn(schema, "maximum") ?? value);
}

/** Sensible text where a property's name hints at its meaning; nothing that could make a tool do harm. */
function exampleString(schema: JsonSchema, name: string): string {
  const word = /pattern|glob/i.test(name) ? "*" : "demo";
  const padded = word.padEnd(numberIn(schema, "minLength") ?? 0, "o");
  return padded.slice(0, numberIn(schema, "maxLength") ?? padded.length);
}

function numberIn(schema: JsonSchema, keyword: string): number | undefined {
  const value = schema[keyword];
  return typeof value === "number" ? value : undefined;
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
