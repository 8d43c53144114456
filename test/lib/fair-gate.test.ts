import { expect, test } from "bun:test";
import { createFairGate } from "../../src/lib/fair-gate.ts";

/** A gate whose visitors are named by their owner and their size; each stays until it is told to leave. */
function open(places: number, placesEach: number) {
  const gate = createFairGate(places, placesEach);
  const inside = new Map<string, () => void>();
  const settle = () => Bun.sleep(0);
  return {
    inside: () => [...inside.keys()],
    async enter(...names: string[]) {
      for (const name of names)
        void gate.enter(name[0], Number(name[1])).then((leave) => inside.set(name, leave));
      await settle();
    },
    async leave(name: string) {
      inside.get(name)?.();
      inside.delete(name);
      await settle();
    },
  };
}

test("one owner leaves room for others", async () => {
  const gate = open(3, 2);
  await gate.enter("a1", "a2", "a3", "a4", "a5");
  expect(gate.inside()).toEqual(["a1", "a2"]);
  await gate.enter("b1", "b2");
  expect(gate.inside()).toEqual(["a1", "a2", "b1"]);
});

test("who has the fewest places is next, and among these who has waited longest", async () => {
  const gate = open(3, 2);
  await gate.enter("a1", "a2", "b1", "a3", "b2", "c1", "d1");
  await gate.leave("a1");
  expect(gate.inside()).toEqual(["a2", "b1", "c1"]);
  await gate.leave("b1");
  expect(gate.inside()).toEqual(["a2", "c1", "b2"]);
  await gate.leave("a2");
  expect(gate.inside()).toEqual(["c1", "b2", "a3"]);
});

test("the smallest work of an owner is done first", async () => {
  const gate = open(2, 1);
  await gate.enter("a9", "a8", "a1", "a2");
  await gate.leave("a9");
  expect(gate.inside()).toEqual(["a1"]);
  await gate.leave("a1");
  expect(gate.inside()).toEqual(["a2"]);
});

test("an empty gate lets everybody in at once", async () => {
  const gate = open(2, 1);
  await gate.enter("a1");
  await gate.leave("a1");
  await gate.enter("a2", "b1");
  expect(gate.inside()).toEqual(["a2", "b1"]);
});
