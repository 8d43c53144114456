import { expect, test } from "bun:test";
import fc from "fast-check";
import { createLru } from "../../src/lib/lru.ts";

test("the least recently used entry is removed first", () => {
  const lru = createLru<string, number>(2);
  lru.set("a", 1);
  lru.set("b", 2);
  expect(lru.get("a")).toBe(1);
  lru.set("c", 3);
  expect([lru.get("a"), lru.get("b")]).toEqual([1, undefined]);
  lru.set("a", 4);
  lru.set("d", 5);
  expect([lru.get("a"), lru.get("c"), lru.get("d")]).toEqual([4, undefined, 5]);
});

test("the limit holds, and undefined is a value", () => {
  const lru = createLru<number, undefined>(8);
  for (let key = 0; key < 1000; key += 1) lru.set(key, undefined);
  expect(lru.size).toBe(8);
});

test("entries may have weights, and the least recently used are removed when they weigh too much", () => {
  const lru = createLru<string, number>(10, (weight) => weight);
  lru.set("a", 4);
  lru.set("b", 4);
  lru.get("a");
  lru.set("c", 6);
  expect([lru.get("a"), lru.get("b"), lru.get("c")]).toEqual([4, undefined, 6]);
  lru.set("a", 2);
  lru.set("d", 2);
  expect(lru.size).toBe(3);
  lru.set("e", 11);
  expect([lru.size, lru.get("e")]).toEqual([3, undefined]);
});

test("an entry has its last value or is gone, and the weights stay within the limit", () => {
  const operation = fc.record({
    act: fc.constantFrom("set", "get", "delete"),
    key: fc.nat(6),
    weight: fc.nat(4),
  });
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 200 }), (operations) => {
      const lru = createLru<number, number>(8, (weight) => weight);
      const last = new Map<number, number>();
      for (const { act, key, weight } of operations) {
        if (act === "set") {
          lru.set(key, weight);
          last.set(key, weight);
          expect(lru.get(key)).toBe(weight);
        } else if (act === "delete") {
          lru.delete(key);
          expect(lru.get(key)).toBeUndefined();
        } else expect([undefined, last.get(key)]).toContain(lru.get(key));
        const held = [...last.keys()].map((one) => lru.get(one)).filter((one) => one !== undefined);
        expect(held.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(8);
        expect(lru.size).toBe(held.length);
      }
    }),
  );
});
