import { expect, test } from "bun:test";
import { deferIterator } from "../../src/lib/defer-iterator.ts";

async function* count(ended: string[]) {
  try {
    yield 2;
    yield 3;
  } finally {
    ended.push("ended");
  }
}

test("opens at the first call of next, and hands on what was opened", async () => {
  let opened = 0;
  const items = deferIterator(async () => {
    opened += 1;
    return { first: 1, rest: count([]) };
  });
  expect(opened).toBe(0);
  expect(await Array.fromAsync(items)).toEqual([1, 2, 3]);
  expect(opened).toBe(1);
});

test("a reader that leaves ends what was opened", async () => {
  const ended: string[] = [];
  const items = deferIterator(async () => ({ first: 1, rest: count(ended) }));
  for await (const item of items) if (item === 2) break;
  expect(ended).toEqual(["ended"]);
  const unopened = deferIterator(async () => ({ first: 1, rest: count(ended) }));
  await unopened.return?.();
  expect(ended).toHaveLength(1);
});
