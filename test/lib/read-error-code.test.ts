import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { readErrorCode } from "../../src/lib/read-error-code.ts";

const thrownBy = (act: () => unknown): unknown => {
  try {
    return act();
  } catch (thrown) {
    return thrown;
  }
};

const rows: readonly [name: string, thrown: unknown, code: string | undefined][] = [
  ["an error of the system", thrownBy(() => readFileSync(`${import.meta.dir}/missing`)), "ENOENT"],
  ["an error without a code", new Error("no"), undefined],
  ["an object that is no error", { code: "ENOENT" }, undefined],
  ["nothing", undefined, undefined],
];

for (const [name, thrown, code] of rows) {
  test(`${name}: ${code}`, () => expect(readErrorCode(thrown)).toBe(code));
}
