import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isMissing, tryOpen } from "../../src/commands/try-open.ts";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "try-open-"));
  mkdirSync(join(directory, "folder"));
  for (const [name, text] of Object.entries({ full: "PORT=1", empty: "" }))
    writeFileSync(join(directory, name), text);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const look = (name: string): boolean => isMissing(join(directory, name));

test.skipIf(process.platform === "win32")("what cannot be opened has a code", () => {
  for (const name of ["full", "empty"]) expect(tryOpen(join(directory, name))).toBeUndefined();
  expect(tryOpen(join(directory, "none"))).toBe("ENOENT");
  expect(tryOpen(directory)).toBe("EISDIR");
});

const canTry = process.platform === "linux" && Bun.which("setsid") && Bun.which("script");
test.skipIf(!canTry)("a terminal can be opened by those who have one", () => {
  const program = `
    import { tryOpen } from ${JSON.stringify(join(import.meta.dir, "../../src/commands/try-open.ts"))};
    console.log(String(tryOpen("/dev/tty")));`;
  const word = `${process.execPath} -e '${program}'`;
  const run = (...command: string[]) => Bun.spawnSync(command, { stdin: "ignore" }).stdout.toString().trim();
  expect(run("setsid", "sh", "-c", word)).toBe("ENXIO");
  expect(run("script", "-qc", word, "/dev/null")).toBe("undefined");
});

test.skipIf(process.platform === "win32")("only what is certainly not there is missing", () => {
  for (const name of ["nothing", "nothing/.env", "full/.env"])
    expect([name, look(name)]).toEqual([name, true]);
  symlinkSync("loop", join(directory, "loop"));
  symlinkSync("/dev/null", join(directory, "device"));
  Bun.spawnSync(["mkfifo", join(directory, "pipe")]);
  for (const name of ["full", "empty", "folder", "loop", "device", "pipe"])
    expect([name, look(name)]).toEqual([name, false]);
});
