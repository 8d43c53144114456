import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { describeSystemError } from "../../src/lib/describe-system-error.ts";

const thrownBy = (act: () => unknown): unknown => {
  try {
    return act();
  } catch (thrown) {
    return thrown;
  }
};

const rows: readonly [thrown: unknown, words: string][] = [
  [thrownBy(() => readFileSync(`${import.meta.dir}/missing`)), "no such file or directory"],
  [thrownBy(() => readdirSync(import.meta.path)), "not a directory"],
  [new Error("It broke, again"), "It broke, again"],
  ["thrown", "thrown"],
];

for (const [thrown, words] of rows) {
  test(words, () => expect(describeSystemError(thrown)).toBe(words));
}
