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
  find("d");
  expect(find("a")).toEqual(first);
  expect(asked).toEqual(["a", "b", "c", "d", "a"]);
});

test("all results are found again when one of their sources is replaced", () => {
  let [names, others] = [["a"], ["c"]];
  const find = rememberResults((text) => ({ isListed: [...names, ...others].includes(text) }), 2, [
    () => names,
    () => others,
  ]);
  expect(find("b")).toEqual({ isListed: false });
  expect(find("b")).toBe(find("b"));
  names = ["b"];
  expect(find("b")).toEqual({ isListed: true });
  expect(find("d")).toEqual({ isListed: false });
  others = ["d"];
  expect(find("d")).toEqual({ isListed: true });
});

test("a text of any length has a result, but only short ones are remembered", () => {
  const find = rememberResults((text) => ({ text }), 2);
  const long = "a".repeat(10_000);
  expect(find(long)).toEqual({ text: long });
  expect(find(long)).not.toBe(find(long));
});
