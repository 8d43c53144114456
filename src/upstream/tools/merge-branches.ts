/**
 * Resolves the parts of a JSON schema that stand for others: references, and the branches of `allOf`, `anyOf` and
 * `oneOf`.
 */
import { isObject, type JsonObject } from "../../lib/json.ts";

/** Far beyond what people write; stops schemas that refer to themselves, or multiply, from growing without end. */
const maxDepth = 32;
const maxBranches = 64;

/** The schema at a local reference such as `#/$defs/Point`. */
export function resolveRef(ref: unknown, root: JsonObject): JsonObject | undefined {
  if (typeof ref !== "string" || !ref.startsWith("#")) return undefined;
  const steps = ref.slice(1).split("/").slice(1).map(readStep);
  const found = steps.reduce<unknown>((value, step) => {
    if (Array.isArray(value)) return value[Number(step)];
    return isObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
  }, root);
  return isObject(found) ? found : undefined;
}

/** A step of a JSON pointer in a URI fragment: RFC 6901, section 6. */
function readStep(step: string): string {
  const escaped = step.replaceAll("~1", "/").replaceAll("~0", "~");
  return /%(?![\da-f]{2})/i.test(escaped) ? escaped : decodeURI(escaped);
}

/** The lists of alternative branches, combined into one list. */
export function alternativesOf({ anyOf, oneOf }: JsonObject): unknown[] {
  return [...asList(anyOf), ...asList(oneOf)];
}

const branchKeys = new Set(["$ref", "allOf", "anyOf", "oneOf"]);

function hasBranches(schema: JsonObject): boolean {
  return Object.keys(schema).some((key) => branchKeys.has(key));
}

/**
 * An object's schema without branches: it has the properties of all of them, and requires only what every alternative
 * requires. It allows more than before, never less.
 */
export function mergeBranches(schema: JsonObject, root: JsonObject): JsonObject {
  if (!hasBranches(schema)) return schema;
  const { variants, required } = shapeOf(schema, { root, branchesLeft: maxBranches }, 0);
  const properties = Object.fromEntries(
    [...variants].map(([name, schemas]) => {
      const distinct = [...new Map(schemas.map((one) => [JSON.stringify(one), one])).values()];
      return [name, distinct.length === 1 ? distinct[0] : { anyOf: distinct }];
    }),
  );
  const kept = Object.fromEntries(
    Object.entries(schema).filter(([key]) => !branchKeys.has(key) && key !== "required"),
  );
  return { ...kept, properties, ...(required.size > 0 && { required: [...required] }) };
}

/**
 * Merges `allOf` into the schema around it, whatever its type; if a key has two values, the outer or later one counts.
 */
export function foldAllOf(schema: JsonObject, root: JsonObject): JsonObject {
  const { allOf, ...own } = schema;
  const folded = new Map<string, unknown>();
  for (const part of [...asList(allOf), own]) {
    if (!isObject(part)) continue;
    const target = resolveRef(part.$ref, root);
    const { $ref, ...plain } = part;
    for (const [key, value] of Object.entries(target ? { ...target, ...plain } : part)) {
      const before = folded.get(key);
      if (key === "properties" && isObject(before) && isObject(value))
        folded.set(key, { ...before, ...value });
      else if (key === "required") folded.set(key, [...new Set([...asList(before), ...asList(value)])]);
      else folded.set(key, value);
    }
  }
  return Object.fromEntries(folded);
}

export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

type Shape = {
  /** Every schema that some branch gives a property. */
  readonly variants: Map<string, unknown[]>;
  readonly required: Set<string>;
};

type Search = { readonly root: JsonObject; branchesLeft: number };

function shapeOf(schema: JsonObject, search: Search, depth: number): Shape {
  const variants = new Map<string, unknown[]>();
  const required = new Set(asList(schema.required).filter((name) => typeof name === "string"));
  if (isObject(schema.properties))
    for (const [name, value] of Object.entries(schema.properties)) variants.set(name, [value]);
  const look = (branches: readonly unknown[]): Shape[] =>
    branches.flatMap((branch) => {
      if (!isObject(branch) || depth >= maxDepth || search.branchesLeft <= 0) return [];
      search.branchesLeft -= 1;
      return [shapeOf(branch, search, depth + 1)];
    });
  const all = look([resolveRef(schema.$ref, search.root), ...asList(schema.allOf)]);
  const alternatives = [look(asList(schema.anyOf)), look(asList(schema.oneOf))];
  for (const shape of [...all, ...alternatives.flat()])
    for (const [name, schemas] of shape.variants)
      variants.set(name, [...(variants.get(name) ?? []), ...schemas]);
  for (const shape of all) for (const name of shape.required) required.add(name);
  for (const [first, ...others] of alternatives) {
    for (const name of first?.required ?? [])
      if (others.every((other) => other.required.has(name))) required.add(name);
  }
  return { variants, required };
}
