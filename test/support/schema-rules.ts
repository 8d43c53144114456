/** What servers refuse in the schema of a tool, each in its own way; none knows what our own code accepts. */
import { isObject, type JsonObject } from "../../src/lib/json.ts";

/** Python's `re`: the letters that may be escaped are listed in its documentation. */
export function refusedByPython(pattern: string): string | undefined {
  const plain = pattern.replace(/\\[^a-zA-Z]/g, "");
  const [badEscape] = plain.match(/\\(?![AbBdDsSwWZafnrtvx]|u[\da-f]{4}|U[\da-f]{8}).?/i) ?? [];
  if (badEscape !== undefined) return `bad escape ${badEscape}`;
  const [group] = plain.match(/\(\?(?!:|=|!|<=|<!|P<|P=|[aiLmsux]+[):-]).{0,2}/) ?? [];
  if (group !== undefined) return `unknown extension ${group}`;
  return hasOpenSet(pattern) ? "unterminated character set" : undefined;
}

/** A bracket right after the opening one is a letter of the set. */
function hasOpenSet(pattern: string): boolean {
  return /\[/.test(pattern.replace(/\\./gs, "").replace(/\[\^?\]?[^\]]*\]/g, ""));
}

/** RE2: no looking around, no references, no more than 1,000 repetitions. */
export function refusedByRe2(pattern: string): string | undefined {
  const plain = pattern.replace(/\\[^a-zA-Z\d]/g, "");
  const [badEscape] = plain.match(/\\(?![AbBCdDpPQEsSwWzaftnrvx]).?/) ?? [];
  if (badEscape !== undefined) return `invalid escape sequence: ${badEscape}`;
  if (/\(\?[=!]|\(\?<[=!]/.test(plain)) return "invalid or unsupported Perl syntax";
  const [count] = [...plain.matchAll(/\{(\d+)(?:,(\d+))?\}/g)].filter(
    ([, from, to]) => Number(to ?? from) > 1000,
  );
  return count && `invalid repeat count: ${count[0]}`;
}

/** llama.cpp's `json-schema-to-grammar`: what its `visit` ends with an error for. */
export function refusedByLlama(schema: unknown, root: unknown = schema): string | undefined {
  if (!isObject(schema)) return `Unrecognized schema: ${JSON.stringify(schema)}`;
  const all = (children: readonly unknown[]) =>
    children.map((child) => refusedByLlama(child, root)).find((reason) => reason !== undefined);
  const { $ref, type } = schema;
  if (typeof $ref === "string") {
    if (!$ref.startsWith("#/")) return `Unsupported ref: ${$ref}`;
    return isObject(followPointer(root, $ref)) ? undefined : `Error resolving ref ${$ref}`;
  }
  const branches = schema.oneOf ?? schema.anyOf;
  if (Array.isArray(branches)) return all(branches);
  if (Array.isArray(type)) return all(type.map((one) => ({ ...schema, type: one })));
  if ("const" in schema || "enum" in schema) return undefined;
  const isFor = (name: string) => type === undefined || type === name;
  if (isFor("object") && (isObject(schema.properties) || isObject(schema.additionalProperties))) {
    const { properties = {}, additionalProperties } = schema;
    return all([
      ...Object.values(properties ?? {}),
      ...(isObject(additionalProperties) ? [additionalProperties] : []),
    ]);
  }
  if (isFor("object") && Array.isArray(schema.allOf)) return all(schema.allOf);
  if (isFor("array") && ("items" in schema || "prefixItems" in schema)) {
    const items = schema.items ?? schema.prefixItems;
    return all(Array.isArray(items) ? items : [items]);
  }
  if (isFor("string") && typeof schema.pattern === "string") {
    if (!/^\^.*\$$/s.test(schema.pattern)) return "Pattern must start with '^' and end with '$'";
    if (/\(\?(?!:)|\\[a-zA-Z]/.test(schema.pattern)) return "failed to parse grammar";
    return undefined;
  }
  if (Object.keys(schema).length === 0 || type === "object") return undefined;
  const primitives = ["boolean", "number", "integer", "string", "null", "array"];
  return typeof type === "string" && primitives.includes(type)
    ? undefined
    : `Unrecognized schema: ${JSON.stringify(schema)}`;
}

function followPointer(root: unknown, pointer: string): unknown {
  return pointer
    .slice(2)
    .split("/")
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce<unknown>((value, step) => {
      if (Array.isArray(value)) return value[Number(step)];
      return isObject(value) ? value[step] : undefined;
    }, root);
}

/** OpenAI: "array schema missing items", and a validator in Python. */
export function refusedByOpenai(schema: JsonObject): string | undefined {
  return findIn(schema, (one) => {
    const types = [one.type].flat();
    if (types.includes("array") && one.items === undefined) return "array schema missing items";
    const bad = typeof one.pattern === "string" ? refusedByPython(one.pattern) : undefined;
    return bad && `${JSON.stringify(one.pattern)} is not a 'regex': ${bad}`;
  });
}

/** A validator in Go: patterns are RE2's. */
export function refusedByGo(schema: JsonObject): string | undefined {
  return findIn(schema, ({ pattern }) => (typeof pattern === "string" ? refusedByRe2(pattern) : undefined));
}

/** Any object is taken for a schema; the generators do not use the words as names or values. */
function findIn(value: unknown, check: (schema: JsonObject) => string | undefined): string | undefined {
  if (Array.isArray(value)) return value.map((one) => findIn(one, check)).find(Boolean);
  if (!isObject(value)) return undefined;
  return check(value) ?? findIn(Object.values(value), check);
}
