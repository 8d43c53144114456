import { edenGC, fullGC, heapStats } from "bun:jsc";
import { expect, test } from "bun:test";
import fc from "fast-check";
import { LiveList, Member } from "../../src/lib/live-list.ts";

class Named extends Member<Named> {
  readonly name: number;

  constructor(name: number) {
    super();
    this.name = name;
  }
}

const names = (list: LiveList<Named>): number[] => [...list].map(({ name }) => name);

test("a list has the members and the order of a set, whoever leaves", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20)), (steps) => {
      const list = new LiveList<Named>();
      const set = new Set<number>();
      const members = Array.from({ length: 21 }, (_, name) => new Named(name));
      for (const step of steps) {
        const member = members[step] ?? new Named(step);
        const isIn = set.delete(step);
        expect(list.delete(member)).toBe(isIn);
        if (!isIn) {
          list.add(member);
          set.add(step);
        }
        expect(names(list)).toEqual([...set]);
        expect(list.size).toBe(set.size);
        expect(list.first?.name).toBe(set.values().next().value);
      }
    }),
  );
});

test("a member that leaves before its turn is passed over, one that comes waits for the next time", () => {
  const list = new LiveList<Named>();
  const [one, two, three, four] = [1, 2, 3, 4].map((name) => new Named(name)) as [Named, Named, Named, Named];
  for (const member of [one, two, three]) list.add(member);
  const seen: number[] = [];
  for (const member of list) {
    seen.push(member.name);
    if (member !== one) continue;
    list.delete(one);
    list.delete(two);
    list.add(four);
  }
  expect(seen).toEqual([1, 3]);
  expect(names(list)).toEqual([3, 4]);
});

test("who has left is garbage for the next collection, however long the list has been there", () => {
  class Holder extends Member<Holder> {
    readonly held = new AbortController();
  }
  const list = new LiveList<Holder>();
  const count = (): number => heapStats().objectTypeCounts.AbortController ?? 0;
  const pass = (times: number): void => {
    for (let i = 0; i < times; i += 1) {
      list.add(new Holder());
      if (list.size > 16 && list.first) list.delete(list.first);
    }
  };
  pass(1000);
  fullGC();
  const before = count();
  for (let i = 0; i < 5; i += 1) {
    pass(1000);
    edenGC();
  }
  // Those in the list at each collection, and what the stack seems to hold.
  expect(count() - before).toBeLessThan(500);
});
