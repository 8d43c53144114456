import { expect, test } from "bun:test";
import fc from "fast-check";
import { z } from "zod";
import { nullish } from "zod/mini";
import { prepared, sparseObject } from "../../src/anthropic/sparse-object.ts";

const upper = (value: unknown): unknown => (typeof value === "string" ? value.toUpperCase() : value);
const word = z.string().min(2);
const inner = { type: z.literal("a"), word, flag: z.boolean().nullish(), any: z.unknown().optional() };
const fields = {
  needed: word,
  open: z.unknown(),
  none: z.string().nullish(),
  lenient: z.number().nullish().catch(undefined).optional(),
  usual: z.string().default("usual"),
  made: z
    .string()
    .nullish()
    .transform((value) => value ?? undefined),
};
const oursOf = { ...fields, list: nullish(prepared(upper, z.array(sparseObject(inner)))) };
const zodsOf = { ...fields, list: z.preprocess(upper, z.array(z.object(inner))).nullish() };
const ours = sparseObject({ ...oursOf, said: prepared(upper, z.string().min(2)) });
const zods = z.object({ ...zodsOf, said: z.preprocess(upper, z.string().min(2)) });

const value = fc.constantFrom<unknown>(undefined, null, "", "word", "a", 1, true, {}, []);
const item = fc.oneof(
  value,
  fc.dictionary(fc.constantFrom(...Object.keys(inner), "new", "__proto__"), value),
);
const anyBody = fc.dictionary(
  fc.constantFrom(...Object.keys(zods.shape), "other", "toString"),
  fc.oneof(value, fc.array(item, { maxLength: 3 })),
  { maxKeys: 4 },
);
const good = { needed: "word", open: 1, said: "word", list: [{ type: "a", word: "word" }] };
const body = fc.oneof(
  anyBody,
  anyBody.map((given) => ({ ...given, ...good })),
  anyBody.map((given) => ({ ...good, ...given })),
);

test.each([true, false])("values are read as by zod's own schemas, jitless: %p", (jitless) => {
  fc.assert(
    fc.property(fc.oneof(value, body), (given) => {
      const [one, other] = [ours.safeParse(given, { jitless }), zods.safeParse(given, { jitless })];
      expect(one.data).toStrictEqual(other.data);
      expect(Object.keys(one.data ?? {})).toEqual(Object.keys(other.data ?? {}));
      expect(one.error?.issues).toEqual(other.error?.issues);
    }),
    { numRuns: 2000 },
  );
});

test("an absent field costs no step", () => {
  const field = z.string().nullish();
  const { run } = field._zod;
  let steps = 0;
  field._zod.run = (payload, context) => {
    steps += 1;
    return run(payload, context);
  };
  const schema = sparseObject({ field, name: z.string() });
  expect(schema.parse({ name: "x" })).toEqual({ name: "x" });
  expect(steps).toBe(0);
  expect(schema.parse({ name: "x", field: "y" })).toEqual({ name: "x", field: "y" });
  expect(steps).toBe(1);
});
