import { expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serve } from "../../src/commands/serve.ts";
import { createLog } from "../../src/telemetry/log.ts";
import { testConfig } from "../support/proxy.ts";

test("says where it listens only when it is asked to, and takes it back when it stops", async () => {
  const directory = mkdtempSync(join(tmpdir(), "serve-"));
  const readyFile = join(directory, "ready.json");
  const printed: string[] = [];
  const serving = await serve({
    config: testConfig({ log: { format: "json" } }),
    demo: true,
    cassette: undefined,
    capacity: { requests: 8, fetches: 8 },
    log: createLog("ERROR", () => {}),
    name: "proxy",
    version: "1.2.3",
    pid: 42,
    readyFile,
    print: (line) => printed.push(line),
  });
  expect({ printed, isReady: existsSync(readyFile) }).toEqual({ printed: [], isReady: false });
  await serving.announce();
  const { url, ...facts } = JSON.parse(readFileSync(readyFile, "utf8"));
  expect(facts).toMatchObject({ event: "listening", pid: 42, version: "1.2.3" });
  expect(printed.map((line) => JSON.parse(line).url)).toEqual([url]);
  expect((await fetch(`${url}/health`)).status).toBe(200);
  await serving.stop();
  expect(existsSync(readyFile)).toBe(false);
  rmSync(directory, { recursive: true, force: true });
});
