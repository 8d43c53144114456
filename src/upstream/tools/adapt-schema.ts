/**
 * Room `upstream/tools/`: names and schemas of tools, in forms that backends accept. Not here: which tools are
 * offered; the plan decides that.
 *
 * Adapts tool schemas to what a backend accepts. Key order is kept, because it is part of the prompt that backends
 * cache. What a target cannot express is left out, so that the schema allows more than before; the client checks
 * arguments anyway.
 */
import type { SchemaLoss } from "../../catalog/quirks.ts";
import { isObject, type JsonObject } from "../../lib/json.ts";
import { mergeBranches } from "./merge-branches.ts";
import { dropKeywords, keepBasics, type SchemaRules, simplifySchema } from "./simplify-schema.ts";
import { toOpenApi } from "./write-openapi-schema.ts";
import { toTypedBranches } from "./write-typed-branches.ts";

/** Says nothing about the arguments, and some servers refuse the unknown key. */
const annotations = new Set(["$schema", "$id"]);

/**
 * The schema of a tool's arguments for a backend, with an object at its root. Does not change the given one.
 *
 * @param loss what it has to do without besides, because it was refused
 */
export function adaptSchema(schema: JsonObject, rules: SchemaRules, loss?: SchemaLoss): JsonObject {
  const known = adaptedSchemas.get(schema);
  if (known?.rules === rules && known.loss === loss) return known.adapted;
  const adapted = adaptNew(schema, rules, loss);
  adaptedSchemas.set(schema, { rules, loss, adapted });
  return adapted;
}

type Adapted = {
  readonly rules: SchemaRules;
  readonly loss: SchemaLoss | undefined;
  readonly adapted: JsonObject;
};

/** What became of schemas, which are the same objects in the next turn. */
const adaptedSchemas = new WeakMap<JsonObject, Adapted>();

function adaptNew(schema: JsonObject, rules: SchemaRules, loss?: SchemaLoss): JsonObject {
  const patterns = loss?.keywords.includes("pattern") ? "none" : rules.patterns;
  const simple = simplifySchema(schema, { ...rules, patterns });
  const form = loss?.form;
  switch (form) {
    case undefined:
      return writeFor(simple, rules.schema);
    case "full":
      return dropKeywords(writeFor(simple, rules.schema), loss?.keywords ?? []);
    case "basic":
      return keepBasics(toOpenApi(mergeRoot(simple)));
    case "open":
      return cleanSchema({});
    default:
      return form satisfies never;
  }
}

function writeFor(schema: JsonObject, target: SchemaRules["schema"]): JsonObject {
  switch (target) {
    case "plain":
      return cleanSchema(schema);
    case "object-root":
      return mergeRoot(schema);
    case "typed-branches":
      return toTypedBranches(mergeRoot(schema));
    case "openapi":
      return toOpenApi(mergeRoot(schema));
    default:
      return target satisfies never;
  }
}

/** An object at the root, and no annotations. */
export function cleanSchema(schema: JsonObject): JsonObject {
  const kept = Object.fromEntries(Object.entries(schema).filter(([key]) => !annotations.has(key)));
  return {
    ...kept,
    type: "object",
    properties: isObject(kept.properties) ? kept.properties : {},
  };
}

/** Refused at the root even without strict mode. Source: OpenAI's 400 for function parameters. */
const refusedAtRoot = new Set(["enum", "const", "not"]);

function mergeRoot(schema: JsonObject): JsonObject {
  const kept = Object.fromEntries(Object.entries(schema).filter(([key]) => !refusedAtRoot.has(key)));
  return cleanSchema(mergeBranches(kept, schema));
}

/**
 * Whether OpenAI's strict mode accepts the schema: every object closed, every property required. Source: OpenAI's
 * structured outputs guide.
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
