import { expect, test } from "bun:test";
import { createAsyncCache } from "../../src/lib/async-cache.ts";

function counted() {
  let finds = 0;
  return { find: async () => ({ value: ++finds }), finds: () => finds };
}

test("a value that many ask for at the same time is computed once and kept", async () => {
  const cache = createAsyncCache<number>(2);
  const { find, finds } = counted();
  const asked = [cache.getOrFind("a", find), cache.getOrFind("a", find)];
  expect(await Promise.all([...asked, cache.getOrFind("a", find)])).toEqual([1, 1, 1]);
  expect(finds()).toBe(1);
});

test("the least recently used value is removed", async () => {
  const cache = createAsyncCache<number>(2);
  const { find, finds } = counted();
  for (const key of ["a", "b", "a", "c", "a"]) await cache.getOrFind(key, find);
  expect(finds()).toBe(3);
  await cache.getOrFind("b", find);
  expect(finds()).toBe(4);
});

test("a value with an expiry is computed again after it", async () => {
  let time = 0;
  const cache = createAsyncCache<number>(2, () => time);
  let finds = 0;
  const find = async () => ({ value: ++finds, ttlMs: 100 });
  expect(await cache.getOrFind("a", find)).toBe(1);
  time = 99;
  expect(await cache.getOrFind("a", find)).toBe(1);
  time = 100;
  expect(await cache.getOrFind("a", find)).toBe(2);
  // The clock is set back.
  time = 0;
  expect(await cache.getOrFind("a", find)).toBe(3);
});

test("a failure reaches all who wait, and is not kept", async () => {
  const cache = createAsyncCache<number>(2);
  const fail = () => Promise.reject(new Error("no"));
  const asked = [cache.getOrFind("a", fail), cache.getOrFind("a", fail)];
  for (const one of asked) expect(one).rejects.toThrow("no");
  await Promise.allSettled(asked);
  expect(await cache.getOrFind("a", async () => ({ value: 1 }))).toBe(1);
});
