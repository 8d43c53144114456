import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findClient } from "../../../src/commands/doctor/find-client.ts";

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), "client-"));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

test("nothing is found in an empty home", () => {
  expect(findClient({ HOME: home, PATH: join(home, "bin") })).toMatchObject({
    path: undefined,
    version: undefined,
    settings: { path: join(home, ".claude", "settings.json"), text: undefined },
  });
});

test.skipIf(process.platform === "win32")("program, version and settings are found", () => {
  const bin = join(home, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "claude"), "#!/bin/sh\necho 2.1.332\n", { mode: 0o755 });
  mkdirSync(join(home, "own"));
  writeFileSync(join(home, "own", "settings.json"), "{}");
  expect(findClient({ HOME: home, PATH: bin, CLAUDE_CONFIG_DIR: join(home, "own") })).toMatchObject({
    path: join(bin, "claude"),
    version: "2.1.332\n",
    settings: { text: "{}" },
  });
});
