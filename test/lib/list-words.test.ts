import { expect, test } from "bun:test";
import { listWords } from "../../src/lib/list-words.ts";

test("words are listed as in a sentence", () => {
  expect(listWords([], "or")).toBe("");
  expect(listWords(["a"], "or")).toBe("a");
  expect(listWords(["a", "b"], "and")).toBe("a and b");
  expect(listWords(["a", "b", "c"], "or")).toBe("a, b or c");
});
