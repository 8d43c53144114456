import { afterEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ProxyOptions, type StartedProxy, startProxy } from "../../src/commands/start-proxy.ts";
import { createLog } from "../../src/telemetry/log.ts";
import { testConfig } from "../support/proxy.ts";

const started: StartedProxy[] = [];
afterEach(async () => {
  for (const proxy of started.splice(0)) await proxy.stop();
});

async function start(
  changes: Partial<ProxyOptions> = {},
  server: Parameters<typeof testConfig>[0] = {},
): Promise<StartedProxy> {
  const log = createLog("ERROR", () => {});
  const config = testConfig({ backend: { baseUrl: "http://127.0.0.1:9/v1" }, ...server });
  const capacity = { requests: 8, fetches: 8 };
  const proxy = await startProxy({ config, demo: false, cassette: undefined, capacity, log, ...changes });
  started.push(proxy);
  return proxy;
}

test("the demo takes the place of the configured backend", async () => {
  const { url, config, catalog } = await start({ demo: true });
  expect(config.backend.baseUrl).not.toBe("http://127.0.0.1:9/v1");
  expect((await catalog).all().map(({ id }) => id)).toEqual(Object.values(config.models));
  expect((await fetch(`${url}/health`)).status).toBe(200);
});

test("without it the configuration is used as it is", async () => {
  const { url, port, config } = await start();
  expect(config.backend.baseUrl).toBe("http://127.0.0.1:9/v1");
  expect(url).toBe(`http://127.0.0.1:${port}`);
});

test("an address that cannot be used is explained", async () => {
  const { port } = await start();
  await expect(start({}, { server: { port } })).rejects.toThrow(
    `Cannot listen on 127.0.0.1:${port}: the port is in use; choose another with --port, or 0 for a free one`,
  );
  await expect(start({}, { server: { host: "192.0.2.1" } })).rejects.toThrow(
    /Cannot listen on 192\.0\.2\.1:0: .*choose another --host/,
  );
});

test("a cassette that cannot be played is an error before anything starts", async () => {
  const directory = join(mkdtempSync(join(tmpdir(), "start-")), "none");
  const cassette = { mode: "replay", directory, timed: false } as const;
  await expect(start({ cassette })).rejects.toThrow(`Cannot use ${directory} for --replay`);
  rmSync(join(directory, ".."), { recursive: true });
});
