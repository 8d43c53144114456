import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeReadyFile } from "../../src/commands/write-ready-file.ts";

const directory = mkdtempSync(join(tmpdir(), "ready-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const path = join(directory, "ready.json");

test("only the user can read the file, whatever was there before, and it is removed in the end", () => {
  writeFileSync(path, "old", { mode: 0o644 });
  const remove = writeReadyFile(path, "{}\n");
  expect(readFileSync(path, "utf8")).toBe("{}\n");
  expect(statSync(path).mode & 0o777).toBe(0o600);
  remove();
  remove();
  expect(readdirSync(directory)).toEqual([]);
});

test("another proxy's file is not removed", () => {
  const remove = writeReadyFile(path, "mine");
  writeFileSync(path, "another's");
  remove();
  expect(readFileSync(path, "utf8")).toBe("another's");
  rmSync(path);
});

test("an invalid path is an error that names the flag, and leaves nothing behind", () => {
  expect(() => writeReadyFile(join(directory, "nope", "ready"), "")).toThrow("--ready-file");
  expect(() => writeReadyFile(directory, "")).toThrow("--ready-file");
  expect(readdirSync(directory)).toEqual([]);
});
