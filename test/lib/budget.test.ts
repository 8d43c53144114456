import { expect, test } from "bun:test";
import { createBudget } from "../../src/lib/budget.ts";

test("shares grow as long as something is left, and give everything back once", () => {
  const budget = createBudget(10);
  const [one, other] = [budget.open(), budget.open()];
  expect([one.grow(4), one.grow(3), other.grow(4), other.grow(3)]).toEqual([true, true, false, true]);
  expect(budget.taken).toBe(10);
  one.close();
  one.close();
  expect(budget.taken).toBe(3);
  expect([other.grow(8), other.grow(7), other.grow(1)]).toEqual([false, true, false]);
});

test("the owner of the budget is told how much a share gives back", () => {
  const given: number[] = [];
  const share = createBudget(10, (amount) => given.push(amount)).open();
  share.grow(4);
  share.grow(3);
  share.close();
  expect(given).toEqual([7]);
});
