import { expect, test } from "bun:test";
import { digestItem } from "../../../src/upstream/reasoning/digest-item.ts";

test("an item is recognized by its id and its encrypted content alone", () => {
  const item = { type: "reasoning", id: "rs_1", encrypted_content: "a" };
  expect(digestItem({ ...item, summary: [] })).toBe(digestItem(item));
  expect(digestItem({ ...item, id: "rs_2" })).not.toBe(digestItem(item));
  expect(digestItem({ ...item, encrypted_content: "b" })).not.toBe(digestItem(item));
});
