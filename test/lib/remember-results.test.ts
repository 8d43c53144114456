import { expect, test } from "bun:test";
import { rememberResults } from "../../src/lib/remember-results.ts";

test("a result is found once, until others have taken its place", () => {
  const asked: string[] = [];
  const find = rememberResults((text) => {
    asked.push(text);
    return { text };
  }, 2);
  const first = find("a");
  expect(find("a")).toBe(first);
  find("b");
  find("c");
  expect(find("a")).toEqual(first);
  expect(asked).toEqual(["a", "b", "c", "a"]);
});
