import { expect, test } from "bun:test";
import { dropFirst } from "../../src/lib/drop-first.ts";

test("the oldest goes if there are too many", () => {
  const map = new Map([
    ["a", 1],
    ["b", 2],
  ]);
  dropFirst(map, 2);
  expect([...map.keys()]).toEqual(["a", "b"]);
  dropFirst(map, 1);
  expect([...map.keys()]).toEqual(["b"]);
});
