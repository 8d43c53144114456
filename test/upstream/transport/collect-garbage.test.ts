import { expect, test } from "bun:test";
import { createCollector } from "../../../src/upstream/transport/collect-garbage.ts";

/** A collector with `open` requests in progress, and how often it has collected. */
function createCounting(open: number) {
  const counts = { all: 0, new: 0 };
  const collector = createCollector(
    () => open,
    () => {
      counts.all += 1;
    },
    () => {
      counts.new += 1;
    },
  );
  return { ...collector, counts };
}

test("collects once for each 16 MiB of a flood, and never for small reads", () => {
  const { onRead, counts } = createCounting(50);
  for (let i = 0; i < 100_000; i++) onRead(1400);
  expect(counts).toEqual({ all: 0, new: 0 });
  for (let i = 0; i < 64; i++) onRead(512 * 1024);
  expect(counts).toEqual({ all: 2, new: 0 });
});

test("collects what a crowd leaves, in proportion to how many are in it", () => {
  for (const [open, reads] of [
    [200, 500],
    [1000, 2500],
    [4000, 10_000],
  ] as const) {
    const { onRead, counts } = createCounting(open);
    for (let i = 0; i < reads; i++) onRead(300);
    expect(counts.new).toBe(0);
    for (let i = 0; i <= 3 * reads; i++) onRead(300);
    expect(counts).toEqual({ all: 0, new: 3 });
  }
});

test("collects while a crowd gathers, and not while few are open", () => {
  let open = 0;
  let collections = 0;
  const { onRequest } = createCollector(
    () => open,
    () => {},
    () => {
      collections += 1;
    },
  );
  while (open < 199) {
    open += 1;
    onRequest();
  }
  expect(collections).toBe(0);
  while (open < 1000) {
    open += 1;
    onRequest();
  }
  expect(collections).toBeGreaterThan(3);
  expect(collections).toBeLessThan(20);
});
