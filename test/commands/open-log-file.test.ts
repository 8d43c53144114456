import { afterAll, beforeAll, expect, test } from "bun:test";
import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findRunLog, isWritable, openLogFile } from "../../src/commands/open-log-file.ts";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "log-file-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test.skipIf(process.platform === "win32")("the file and its directory are their owner's alone", () => {
  const path = join(directory, "state", "run.log");
  openLogFile(path).write("first");
  openLogFile(path).write("second");
  expect(readFileSync(path, "utf8")).toBe("first\nsecond\n");
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(join(directory, "state")).mode & 0o777).toBe(0o700);
});

test("a full file is kept as the old one, also when two processes write", () => {
  const path = join(directory, "full.log");
  const writers = [openLogFile(path, 10), openLogFile(path, 10)];
  for (let line = 0; line < 6; line += 1) writers[line % 2]?.write(`line ${line}`);
  expect(statSync(path).size).toBeLessThanOrEqual(14);
  expect(readFileSync(path, "utf8")).toContain("line 5\n");
  expect(statSync(`${path}.1`).size).toBeLessThanOrEqual(14);
});

test("a file that cannot begin is not taken for another that is open, and begins later", () => {
  const path = join(directory, "lost", "a.log");
  const file = openLogFile(path, 10);
  file.write("line 1234");
  renameSync(join(directory, "lost"), join(directory, "kept"));
  symlinkSync(join(directory, "nowhere", "lost"), join(directory, "lost"));
  file.write("line 2345");
  const other = openSync(join(directory, "other"), "a");
  file.write("line 3456");
  writeSync(other, "mine");
  closeSync(other);
  expect(readFileSync(join(directory, "other"), "utf8")).toBe("mine");
  rmSync(join(directory, "lost"));
  file.write("line 4567");
  expect(readFileSync(path, "utf8")).toBe("line 4567\n");
});

test("what cannot be written is told with the variable that names another place", () => {
  expect(isWritable(directory)).toBeFalse();
  expect(() => openLogFile(directory)).toThrow(/Cannot write the log to .*: .* a directory; .* LOG_FILE/);
  const loop = join(directory, "loop");
  symlinkSync(loop, loop);
  expect(isWritable(loop)).toBeFalse();
});

test("the log of `run` is in the user's state directory", () => {
  const env = { HOME: "/home/ann", LOCALAPPDATA: "C:\\Users\\ann\\AppData\\Local" };
  expect(findRunLog("linux", env)).toBe("/home/ann/.local/state/claude-code-proxy/run.log");
  expect(findRunLog("linux", { ...env, XDG_STATE_HOME: "/state" })).toBe("/state/claude-code-proxy/run.log");
  expect(findRunLog("linux", { ...env, XDG_STATE_HOME: "state" })).toContain("/home/ann/");
  expect(findRunLog("win32", env)).toBe("C:\\Users\\ann\\AppData\\Local\\claude-code-proxy\\run.log");
  expect(findRunLog("linux", {})).toBeUndefined();
});
