import { afterAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { replaceFile } from "../../src/commands/replace-file.ts";

const directory = mkdtempSync(join(tmpdir(), "replace-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const path = join(directory, "file");

test("a file is replaced with the mode that is asked for, else for its owner alone", () => {
  writeFileSync(path, "old", { mode: 0o644 });
  replaceFile(path, "new");
  expect(readFileSync(path, "utf8")).toBe("new");
  if (process.platform !== "win32") expect(statSync(path).mode & 0o777).toBe(0o600);
  replaceFile(path, "newer", 0o640);
  expect(readFileSync(path, "utf8")).toBe("newer");
  if (process.platform !== "win32") expect(statSync(path).mode & 0o777).toBe(0o640);
  expect(readdirSync(directory)).toEqual(["file"]);
  rmSync(path);
});

test("what cannot be replaced stays as it was, and nothing is left beside it", () => {
  mkdirSync(path);
  expect(() => replaceFile(path, "")).toThrow();
  expect(() => replaceFile(join(directory, "nowhere", "file"), "")).toThrow();
  expect(readdirSync(directory)).toEqual(["file"]);
  expect(statSync(path).isDirectory()).toBe(true);
});
