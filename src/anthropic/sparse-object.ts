/**
 * Two kinds of schema that take fewer steps than zod's own, with the same results and issues. A request takes hundreds
 * of steps, most of which cost more than the value that they look at.
 */
import { z } from "zod/mini";
import { $ZodObjectJIT } from "zod/v4/core";
import { isObject } from "../lib/json.ts";

/** How many sets of fields get a schema of their own. Clients send a few again and again; a hostile one sends all. */
const maxSets = 32;

/**
 * `z.object` without a step for each optional field that is absent: most fields of the API are optional, and few are
 * sent. An absent one adds nothing to the result, so the schema of the other fields is enough.
 */
export function sparseObject<Shape extends z.core.$ZodShape>(shape: Shape): z.ZodMiniObject<Shape> {
  const schema = z.object(shape);
  const runWhole = schema._zod.run;
  /** The optional fields, as powers of two: a sum of them tells which are there. */
  const weights = new Map<string, number>();
  for (const [name, { _zod }] of Object.entries(shape)) {
    if (_zod.optin === "optional" && _zod.optout === "optional") weights.set(name, 2 ** weights.size);
  }
  const schemas = new Map<number, z.core.$ZodType>();

  function makeSchema(value: object, set: number): z.core.$ZodType {
    const fields = Object.entries(shape).filter(([name]) => !weights.has(name) || Object.hasOwn(value, name));
    // The small edition of zod makes no code for its objects; this kind does. `z.core` would bring all of zod with it.
    const made = new $ZodObjectJIT({ type: "object", shape: Object.fromEntries(fields) });
    schemas.set(set, made);
    return made;
  }

  schema._zod.run = (payload, context) => {
    const { value } = payload;
    if (!isObject(value)) return runWhole(payload, context);
    let set = 0;
    for (const name of Object.keys(value)) set += weights.get(name) ?? 0;
    const known = schemas.get(set);
    if (!known && schemas.size >= maxSets) return runWhole(payload, context);
    return (known ?? makeSchema(value, set))._zod.run(payload, context);
  };
  return schema;
}

/**
 * `z.preprocess` without steps of its own.
 *
 * @param schema made for this alone: from now on it reads what `prepare` makes of a value
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
