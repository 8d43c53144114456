import { expect, test } from "bun:test";
import { dropMarks, listCode } from "../../src/lib/inline-code.ts";

test("marks are dropped, and words are listed with them", () => {
  expect(dropMarks("Set `PORT` to `0`")).toBe("Set PORT to 0");
  expect(listCode(["a", "b"])).toBe("`a`, `b`");
  expect(dropMarks(listCode(["a", "b"]))).toBe("a, b");
});
