import { expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setUp } from "../../../src/commands/init/set-up.ts";
import { startFakeUpstream, text, upstreamKey } from "../../support/fake-upstream.ts";

test("a backend that answers is written down, one that does not is not", async () => {
  const home = mkdtempSync(join(tmpdir(), "init-"));
  const upstream = await startFakeUpstream(text("Hello"));
  const printed: string[] = [];
  const with_ = (key: string) =>
    setUp({
      choice: {
        backend: undefined,
        baseUrl: upstream.url,
        key,
        big: "m",
        middle: undefined,
        small: undefined,
        force: false,
      },
      terminal: undefined,
      env: { XDG_CONFIG_HOME: home },
      platform: "linux",
      print: (line) => void printed.push(line),
      program: "prog",
    });
  expect(await with_("wrong-key")).toBe(false);
  expect(printed.join("\n")).toContain("It does not work yet");
  expect(await with_(upstreamKey)).toBe(true);
  expect(readFileSync(join(home, "claude-code-proxy", ".env"), "utf8")).toContain("BIG_MODEL=m\n");
  await upstream.close();
  rmSync(home, { recursive: true });
});
