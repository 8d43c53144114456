import { expect, test } from "bun:test";
import { createId } from "../../src/lib/create-id.ts";

test("an id is its prefix and 24 letters and digits, and no two are equal", () => {
  const ids = Array.from({ length: 1000 }, () => createId("msg_"));
  for (const id of ids) expect(id).toMatch(/^msg_[0-9A-Za-z]{24}$/);
  expect(new Set(ids).size).toBe(ids.length);
});
