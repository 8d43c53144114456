import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readEnvFile } from "../../src/commands/read-env-file.ts";
import { ConfigError } from "../../src/config/config-error.ts";
import { type FoundFile, isFile } from "../../src/config/find-env-file.ts";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "env-file-"));
  mkdirSync(join(directory, "folder"));
  writeFileSync(join(directory, "full"), "#".repeat(1 << 20));
  writeFileSync(join(directory, "huge"), "#".repeat((1 << 20) + 1));
  writeFileSync(join(directory, "small"), "PORT=1");
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const read = (name: string, platform = "linux") => readEnvFile(join(directory, name), platform);

function readFile(name: string, platform?: string): FoundFile {
  const found = read(name, platform);
  if (!isFile(found)) throw new Error(`${name} is no file`);
  return found;
}

test("reads the bytes of a file, through a link as well", () => {
  symlinkSync(join(directory, "small"), join(directory, "link"));
  for (const name of ["small", "link"]) expect(new TextDecoder().decode(readFile(name).bytes)).toBe("PORT=1");
  expect(readFile("full").bytes).toHaveLength(1 << 20);
});

test("there is nothing to read where nothing is, or a directory", () => {
  for (const name of ["nothing", "small/.env"]) expect(read(name)).toBeUndefined();
  expect(read("folder")).toBe("directory");
});

test("says whether others may read it, where that can be known", () => {
  for (const [mode, isShared] of [
    [0o600, false],
    [0o640, true],
    [0o604, true],
  ] as const) {
    chmodSync(join(directory, "small"), mode);
    expect(readFile("small").isShared).toBe(isShared);
    expect(readFile("small", "win32").isShared).toBe(false);
  }
});

describe("refuses at once", () => {
  test("a large file", () => {
    expect(() => read("huge")).toThrow(ConfigError);
    expect(() => read("huge")).toThrow("huge cannot be used: it is larger than 1 MiB, which no .env file is");
  });

  test.skipIf(process.platform === "win32")("a device and a pipe", () => {
    symlinkSync("/dev/zero", join(directory, "device"));
    Bun.spawnSync(["mkfifo", join(directory, "pipe")]);
    for (const name of ["device", "pipe"])
      expect(() => read(name)).toThrow(`${name} cannot be used: it is a pipe or a device, not a file`);
  });
});
