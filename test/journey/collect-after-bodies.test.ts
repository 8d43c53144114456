import { expect, test } from "bun:test";
import { createBodyCollector } from "../../src/journey/collect-after-bodies.ts";

function createCounted() {
  const counted = { collections: 0 };
  const onEnd = createBodyCollector(() => {
    counted.collections += 1;
  });
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
  return { counted, onEnd, turn };
}

test("what large requests left is collected once for all that ended together, after their answers", async () => {
  const { counted, onEnd, turn } = createCounted();
  onEnd(5_000_000);
  onEnd(5_000_000);
  expect(counted.collections).toBe(0);
  await turn();
  expect(counted.collections).toBe(1);
  onEnd(5_000_000);
  await turn();
  expect(counted.collections).toBe(2);
});

test("smaller requests are not worth a collection", async () => {
  const { counted, onEnd, turn } = createCounted();
  for (let i = 0; i < 100; i += 1) onEnd(500_000);
  await turn();
  expect(counted.collections).toBe(0);
});
