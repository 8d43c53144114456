import { expect, test } from "bun:test";
import { createIdleCollector } from "../../src/journey/collect-when-idle.ts";

function createIdle() {
  const state = { open: 0, collections: 0 };
  const { promise, resolve } = Promise.withResolvers<void>();
  const collect = () => {
    state.collections += 1;
    resolve();
  };
  const onEnd = createIdleCollector(() => state.open, collect, 5);
  const end = (times: number) => {
    for (let i = 0; i < times; i += 1) onEnd();
  };
  return { state, end, collected: promise };
}

test("garbage is collected once when nothing is in progress any more", async () => {
  const { state, end, collected } = createIdle();
  end(100);
  await collected;
  await Bun.sleep(20);
  expect(state.collections).toBe(1);
});

test("nothing is collected while a request is in progress", async () => {
  const { state, end, collected } = createIdle();
  end(100);
  state.open = 1;
  await Bun.sleep(20);
  expect(state.collections).toBe(0);
  state.open = 0;
  end(1);
  await collected;
  expect(state.collections).toBe(1);
});

test("a few requests are not worth a collection", async () => {
  const { state, end } = createIdle();
  end(3);
  await Bun.sleep(20);
  expect(state.collections).toBe(0);
});
