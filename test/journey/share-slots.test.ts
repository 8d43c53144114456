import { afterEach, expect, test } from "bun:test";
import fc from "fast-check";
import { createSlots } from "../../src/journey/share-slots.ts";

const backend = { id: "local", name: "localhost:1", maxConcurrent: 2 };
const never = new AbortController().signal;

/** Those that would still wait when a test has ended. */
let leaving = new AbortController();
afterEach(() => {
  leaving.abort();
  leaving = new AbortController();
});

test("those beyond the limit wait for a place, and each is given back once", async () => {
  const slots = createSlots();
  const [one] = [await slots.take(backend, "s", never), await slots.take(backend, "s", never)];
  const third = slots.take(backend, "s", never);
  expect(slots.count("local")).toEqual({ running: 2, waiting: 1 });
  one();
  one();
  await third;
  expect(slots.count("local")).toEqual({ running: 2, waiting: 0 });
});

test("a limit that changes holds for those that wait, and before those that come", async () => {
  const slots = createSlots();
  const releases = [await slots.take(backend, "a", never), await slots.take(backend, "b", never)];
  const order: string[] = [];
  const enter = (name: string, maxConcurrent: number) =>
    slots.take({ ...backend, maxConcurrent }, name, leaving.signal).then(
      (release) => {
        order.push(name);
        releases.push(release);
      },
      () => {},
    );
  const waiting = [enter("c", 2), enter("d", 2)];
  void enter("e", 4);
  await Promise.all(waiting);
  expect(order).toEqual(["c", "d"]);
  void enter("f", 1);
  for (const release of releases.slice(0, 4)) release();
  expect(slots.count("local")).toEqual({ running: 1, waiting: 1 });
});

test("the next place goes to the conversation that has the fewest", async () => {
  const slots = createSlots();
  const release = await slots.take(backend, "busy", never);
  await slots.take(backend, "busy", never);
  const order: string[] = [];
  const [busy, other] = ["busy", "other"].map((name) =>
    slots.take(backend, name, leaving.signal).then(() => order.push(name)),
  );
  busy?.catch(() => {});
  release();
  await other;
  expect(order).toEqual(["other"]);
});

test("a few may wait; the others are told to come back", async () => {
  const slots = createSlots();
  for (let number = 0; number < 10; number += 1)
    slots.take(backend, undefined, leaving.signal).catch(() => {});
  const refused = slots.take(backend, undefined, never);
  await expect(refused).rejects.toMatchObject({ kind: "overloaded", retryAfter: 5, isOurs: true });
});

test("a client that leaves, or waits too long, makes room", async () => {
  const slots = createSlots(1);
  for (const _ of [1, 2]) await slots.take(backend, undefined, never);
  const leave = new AbortController();
  const left = slots.take(backend, undefined, leave.signal);
  leave.abort();
  await expect(left).rejects.toMatchObject({ kind: "overloaded" });
  await expect(slots.take(backend, undefined, never)).rejects.toThrow("is busy");
  await expect(slots.take(backend, undefined, leave.signal)).rejects.toMatchObject({ kind: "overloaded" });
  await expect(createSlots().take(backend, undefined, leave.signal)).rejects.toThrow("is busy");
  expect(slots.count("local")).toEqual({ running: 2, waiting: 0 });
});

test("never more than the limit, and everyone gets a place", async () => {
  const property = fc.asyncProperty(
    fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 10 }),
    async (names) => {
      const slots = createSlots();
      let running = 0;
      await Promise.all(
        names.map(async (name) => {
          const release = await slots.take(backend, name, never);
          running += 1;
          expect(running).toBeLessThanOrEqual(2);
          await Promise.resolve();
          running -= 1;
          release();
        }),
      );
      expect(slots.count("local")).toEqual({ running: 0, waiting: 0 });
    },
  );
  await fc.assert(property);
});
