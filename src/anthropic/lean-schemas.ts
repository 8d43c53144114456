/**
 * Schemas that take fewer steps than zod's own, with the same results and issues. A request takes hundreds of steps,
 * most of which cost more than looking at the value itself.
 *
 * A value that needs no change is not copied: the result is the value that was read.
 */
import { z } from "zod/mini";
import { isObject } from "../lib/json.ts";

type Internals = z.core.$ZodType["_zod"];
type Parse = Internals["parse"];
type Payload = z.core.ParsePayload;

type Field = { readonly name: string; readonly zod: Internals };

/** How many sets of fields are remembered. Clients send a few again and again; a hostile one sends all. */
const maxSets = 32;

/**
 * `z.object` without a step for each optional field that is absent: most fields of the API are optional, and few are
 * sent. An absent one adds nothing to the result.
 */
export function sparseObject<Shape extends z.core.$ZodShape>(shape: Shape): z.ZodMiniObject<Shape> {
  const all = Object.entries(shape).map(([name, { _zod }]): Field => ({ name, zod: _zod }));
  /** The fields, as powers of two: their sum tells which are there. */
  const weights = new Map(all.map(({ name }, at) => [name, 2 ** at]));
  /** The fields that are there, in the order of the schema; undefined if a needed one is not. */
  const fieldsOf = new Map<number, readonly Field[] | undefined>();

  function listFields(value: object, set: number): readonly Field[] | undefined {
    const isThere = ({ name }: Field) => Object.hasOwn(value, name);
    const needed = all.filter(({ zod }) => zod.optin !== "optional" || zod.optout !== "optional");
    const fields = needed.every(isThere) ? all.filter(isThere) : undefined;
    fieldsOf.set(set, fields);
    return fields;
  }

  return replaceParse(z.object(shape), (payload, context, parseWhole) => {
    const { value } = payload;
    if (!isObject(value)) return parseWhole(payload, context);
    let set = 0;
    let hasOthers = false;
    // Unlike `Object.keys`, this makes no list. What is parsed from JSON inherits nothing.
    for (const name in value) {
      const weight = weights.get(name);
      if (weight === undefined) hasOthers = true;
      else set += weight;
    }
    const fields = fieldsOf.get(set) ?? (fieldsOf.size < maxSets ? listFields(value, set) : undefined);
    if (!fields) return parseWhole(payload, context);
    let result = value;
    if (hasOthers) {
      result = {};
      for (const { name } of fields) result[name] = value[name];
    }
    let field = begin(payload);
    for (const { name, zod } of fields) {
      const given = value[name];
      field.value = given;
      const read = zod.run(field, context);
      if (read instanceof Promise) return parseWhole({ ...payload, value }, context);
      if (read.value !== given) {
        if (result === value) result = { ...value };
        result[name] = read.value;
      }
      if (read.issues.length === 0) continue;
      addIssues(payload, name, read);
      field = begin(payload);
    }
    payload.value = result;
    return payload;
  });
}

/**
 * `z.array` without a new payload for each item.
 *
 * @param schema is changed, so it must be used nowhere else
 */
export function plainList<Item extends z.core.$ZodType>(schema: z.ZodMiniArray<Item>): z.ZodMiniArray<Item> {
  const { _zod: zod } = schema.def.element;
  return replaceParse(schema, (payload, context, parseWhole) => {
    const { value } = payload;
    if (!Array.isArray(value)) return parseWhole(payload, context);
    let result: unknown[] = value;
    let item = begin(payload);
    for (let at = 0; at < value.length; at += 1) {
      const given: unknown = value[at];
      item.value = given;
      const read = zod.run(item, context);
      if (read instanceof Promise) return parseWhole({ ...payload, value }, context);
      if (read.value !== given) {
        if (result === value) result = [...value];
        result[at] = read.value;
      }
      if (read.issues.length === 0) continue;
      addIssues(payload, at, read);
      item = begin(payload);
    }
    payload.value = result;
    return payload;
  });
}

/**
 * `z.preprocess` without steps of its own.
 *
 * @param schema is changed, so it must be used nowhere else: from now on it reads what `prepare` makes of a value
 */
export function prepared<Output>(
  prepare: (value: unknown) => unknown,
  schema: z.ZodMiniType<Output>,
): z.ZodMiniType<Output> {
  const { run } = schema._zod;
  schema._zod.run = (payload, context) => {
    payload.value = prepare(payload.value);
    return run(payload, context);
  };
  return schema;
}

/**
 * Has a schema read values in another way. Its checks run afterwards, as before.
 * @param parse may leave values to `parseWhole`, the schema's own way
 */
function replaceParse<Schema extends z.core.$ZodType>(
  schema: Schema,
  parse: (payload: Payload, context: Parameters<Parse>[1], parseWhole: Parse) => ReturnType<Parse>,
): Schema {
  const { _zod: zod } = schema;
  const { parse: parseWhole, run } = zod;
  zod.parse = (payload, context) => parse(payload, context, parseWhole);
  if (run === parseWhole) zod.run = zod.parse;
  return schema;
}

/** The payload for the parts of a value: the value's own, as long as it has no issues. */
function begin(whole: Payload): Payload {
  return whole.issues.length === 0 ? whole : { value: undefined, issues: [] };
}

/** Moves the issues of a part to the whole; both may have the same list. */
function addIssues(whole: Payload, at: PropertyKey, part: Payload): void {
  for (const issue of part.issues.splice(0))
    whole.issues.push({ ...issue, path: [at, ...(issue.path ?? [])] });
}
