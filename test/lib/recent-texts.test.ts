import { expect, test } from "bun:test";
import fc from "fast-check";
import { RecentTexts } from "../../src/lib/recent-texts.ts";

const keys = Array.from({ length: 8 }, (_, at) => ({ at }));
const key = fc.constantFrom(...keys);

test("a text is found or forgotten, never another one, and all are never longer than allowed", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(key, fc.string({ maxLength: 12 }))), (steps) => {
      const texts = new RecentTexts(20);
      const given = new Map<object, string>();
      for (const [one, text] of steps) {
        const known = texts.get(one);
        if (known !== undefined) expect(known).toBe(given.get(one) ?? "");
        else {
          texts.set(one, text);
          given.set(one, text);
        }
        const kept = keys.map((each) => texts.get(each) ?? "").join("");
        expect(kept.length).toBeLessThanOrEqual(20);
      }
    }),
  );
});

test("what is used stays, and what is not is dropped", () => {
  const texts = new RecentTexts(40);
  const [used = {}, unused = {}, ...others] = keys;
  texts.set(used, "a".repeat(9));
  texts.set(unused, "b".repeat(9));
  for (const other of others) {
    texts.set(other, "c".repeat(9));
    expect(texts.get(used)).toBe("a".repeat(9));
  }
  expect(texts.get(unused)).toBeUndefined();
});

test("a text that would drop all others is not kept", () => {
  const texts = new RecentTexts(40);
  const [one = {}, long = {}] = keys;
  texts.set(one, "a");
  texts.set(long, "b".repeat(21));
  expect(texts.get(long)).toBeUndefined();
  expect(texts.get(one)).toBe("a");
});
