import { expect, test } from "bun:test";
import fc from "fast-check";
import { z } from "zod";
import { array, minLength, nullish } from "zod/mini";
import { plainList, prepared, sparseObject } from "../../src/anthropic/lean-schemas.ts";

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
const oursOf = {
  ...fields,
  list: nullish(prepared(upper, plainList(array(sparseObject(inner)).check(minLength(1))))),
};
const zodsOf = { ...fields, list: z.preprocess(upper, z.array(z.object(inner)).min(1)).nullish() };
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

test("values are read as by zod's own schemas", () => {
  fc.assert(
    fc.property(fc.oneof(value, body), (given) => {
      const before = structuredClone(given);
      const [one, other] = [ours.safeParse(given), zods.safeParse(given)];
      expect(one.data).toStrictEqual(other.data);
      expect(one.error?.issues).toEqual(other.error?.issues);
      expect(given).toStrictEqual(before);
    }),
    { numRuns: 2000 },
  );
});

test("what needs no change is not copied", () => {
  const schema = sparseObject({
    list: plainList(array(sparseObject(inner))),
    word: prepared(upper, z.string()),
  });
  const item = { type: "a", word: "word" } as const;
  const given = { list: [item, { ...item, more: 1 }], word: "word" };
  const read = schema.parse(given);
  expect(read).toEqual({ list: [item, item], word: "WORD" });
  expect(read.list[0]).toBe(item);
  const clean = { list: [item], word: "WORD" };
  expect(schema.parse(clean)).toBe(clean);
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
