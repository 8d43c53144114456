import { expect, test } from "bun:test";
import { hasSameItems } from "../../src/lib/same-items.ts";

test("lists are the same if they hold the same items in the same order", () => {
  const [one, other] = [{ name: "one" }, { name: "other" }];
  expect(hasSameItems([], [])).toBe(true);
  expect(hasSameItems([one, other], [one, other])).toBe(true);
  expect(hasSameItems([one, other], [other, one])).toBe(false);
  expect(hasSameItems([one], [one, other])).toBe(false);
  expect(hasSameItems([one], [{ ...one }])).toBe(false);
});
