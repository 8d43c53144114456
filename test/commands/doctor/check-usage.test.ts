import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkUsage } from "../../../src/commands/doctor/check-usage.ts";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "check-usage-"));
  writeFileSync(join(directory, "file"), "");
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test("a file, and one that is still to be made, are good, and nothing is made", () => {
  const path = join(directory, "new", "deep", "usage.sqlite");
  expect(checkUsage(path)).toEqual({
    topic: "usage",
    state: "good",
    text: `messages can be kept in ${path}`,
  });
  expect(existsSync(join(directory, "new"))).toBe(false);
  expect(checkUsage(join(directory, "file")).state).toBe("good");
});

test("a directory, and a file as one, are bad", () => {
  expect(checkUsage(directory)).toEqual({
    topic: "usage",
    state: "bad",
    text: `USAGE_DB: messages cannot be kept in ${directory}: it is a directory`,
    advice: "name another file",
  });
  expect(checkUsage(join(directory, "file", "usage.sqlite"))).toMatchObject({ state: "bad" });
});

test.skipIf(process.platform === "win32" || process.getuid?.() === 0)("so is what others may write", () => {
  expect(checkUsage("/usage.sqlite")).toMatchObject({ state: "bad" });
});
