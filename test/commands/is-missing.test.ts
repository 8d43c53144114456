import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isMissing } from "../../src/commands/is-missing.ts";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "is-missing-"));
  mkdirSync(join(directory, "folder"));
  for (const [name, text] of Object.entries({ full: "PORT=1", empty: "" }))
    writeFileSync(join(directory, name), text);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const look = (name: string): boolean => isMissing(join(directory, name));

test.skipIf(process.platform === "win32")("only what is certainly not there is missing", () => {
  for (const name of ["nothing", "nothing/.env", "full/.env"])
    expect([name, look(name)]).toEqual([name, true]);
  symlinkSync("loop", join(directory, "loop"));
  symlinkSync("/dev/null", join(directory, "device"));
  Bun.spawnSync(["mkfifo", join(directory, "pipe")]);
  for (const name of ["full", "empty", "folder", "loop", "device", "pipe"])
    expect([name, look(name)]).toEqual([name, false]);
});
