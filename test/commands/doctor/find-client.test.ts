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

test.skipIf(process.platform === "win32")("program, version and settings are found", () => {
  const bin = join(home, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "claude"), "#!/bin/sh\necho 2.1.332\n", { mode: 0o755 });
  mkdirSync(join(home, ".claude"));
  writeFileSync(join(home, ".claude/settings.json"), '{"env":{"ANTHROPIC_BASE_URL":"http://other"}}');
  expect(findClient({ env: { HOME: home, PATH: bin }, cwd: home, platform: process.platform })).toMatchObject(
    {
      path: join(bin, "claude"),
      version: "2.1.332\n",
      settings: [{ diverts: ["ANTHROPIC_BASE_URL"] }],
    },
  );
});
