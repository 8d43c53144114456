import { expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeUserFile } from "../../../src/commands/init/write-user-file.ts";

test("the file is whole, private, and alone in its directory", () => {
  const directory = mkdtempSync(join(tmpdir(), "user-"));
  const path = join(directory, "config", ".env");
  writeUserFile(path, "A=1\n");
  writeUserFile(path, "A=2\n");
  expect(readFileSync(path, "utf8")).toBe("A=2\n");
  expect(readdirSync(join(directory, "config"))).toEqual([".env"]);
  if (process.platform !== "win32") expect(statSync(path).mode & 0o777).toBe(0o600);
  writeFileSync(join(directory, "file"), "");
  expect(() => writeUserFile(join(directory, "file", ".env"), "")).toThrow("Cannot write");
  rmSync(directory, { recursive: true });
});
