import { afterEach, expect, test } from "bun:test";
import { warnAtStart, warnOfUsage } from "../../../src/commands/doctor/warn-at-start.ts";
import { type StartedProxy, startProxy } from "../../../src/commands/start-proxy.ts";
import { createLog } from "../../../src/telemetry/log.ts";
import { testConfig } from "../../support/proxy.ts";

let proxy: StartedProxy | undefined;
afterEach(async () => await proxy?.stop());

async function hear(demo: boolean): Promise<string[]> {
  const lines: string[] = [];
  const log = createLog("WARNING", (line) => void lines.push(line));
  const capacity = { requests: 8, fetches: 8 };
  const config = testConfig({ backend: { baseUrl: "http://127.0.0.1:9/v1" } });
  proxy = await startProxy({ config, demo, cassette: undefined, capacity, log });
  await warnAtStart(proxy, log);
  return lines;
}

test("what is wrong is said once, with what to do", async () => {
  const lines = await hear(false);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain("Cannot reach the backend");
});

test("nothing is said where nothing is wrong", async () => {
  expect(await hear(true)).toEqual([]);
});

test("a file that usage cannot be kept in is told before the first message", async () => {
  const lines: string[] = [];
  const log = createLog("WARNING", (line) => void lines.push(line));
  await warnOfUsage(import.meta.dir, log);
  await warnOfUsage(import.meta.path, log);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain(
    `USAGE_DB: messages cannot be kept in ${import.meta.dir}: it is a directory; name`,
  );
});
