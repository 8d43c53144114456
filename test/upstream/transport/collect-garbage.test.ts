import { expect, test } from "bun:test";
import { createCollector } from "../../../src/upstream/transport/collect-garbage.ts";

test("collects once for each 16 MiB of a flood, and never for small reads", () => {
  let collections = 0;
  const onRead = createCollector(() => {
    collections += 1;
  });
  for (let i = 0; i < 100_000; i++) onRead(1400);
  expect(collections).toBe(0);
  for (let i = 0; i < 64; i++) onRead(512 * 1024);
  expect(collections).toBe(2);
});
