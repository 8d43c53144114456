import { expect, test } from "bun:test";
import { createCollector } from "../../../src/upstream/transport/collect-garbage.ts";

/** A collector with `open` requests in progress, and how often it has collected. */
function createCounting(open: number) {
  const counts = { all: 0, new: 0 };
  const onRead = createCollector(
    () => open,
    () => {
      counts.all += 1;
    },
    () => {
      counts.new += 1;
    },
  );
  return { onRead, counts };
}

test("collects once for each 16 MiB of a flood, and never for small reads", () => {
  const { onRead, counts } = createCounting(199);
  for (let i = 0; i < 100_000; i++) onRead(1400);
  expect(counts).toEqual({ all: 0, new: 0 });
  for (let i = 0; i < 64; i++) onRead(512 * 1024);
  expect(counts).toEqual({ all: 2, new: 0 });
});

test.each([200, 1000, 4000])("collects what %d streams leave in four reads each", (open) => {
  const { onRead, counts } = createCounting(open);
  for (let i = 0; i < 4 * open; i++) onRead(300);
  expect(counts.new).toBe(0);
  for (let i = 0; i < 8 * open + 10; i++) onRead(300);
  expect(counts).toEqual({ all: 0, new: 3 });
});
