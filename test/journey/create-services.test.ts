import { expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServices } from "../../src/journey/create-services.ts";
import { createLog } from "../../src/telemetry/log.ts";
import { startFakeUpstream, text, upstreamKey } from "../support/fake-upstream.ts";
import { testConfig } from "../support/proxy.ts";

test("a cassette records what the sender gets, and answers without it", async () => {
  const directory = mkdtempSync(join(tmpdir(), "services-"));
  const upstream = await startFakeUpstream(text("Hello"));
  const config = testConfig({ backend: { baseUrl: upstream.url } });
  const log = createLog("ERROR", () => {});
  const request = {
    method: "GET",
    url: `${upstream.url}/models`,
    headers: { authorization: `Bearer ${upstreamKey}` },
    silenceMs: 60_000,
    signal: new AbortController().signal,
  } as const;
  const open = (cassette: Parameters<typeof createServices>[0]["cassette"]) =>
    createServices({ config, log, cassette }, () => {}).sender.send(request);
  const plain = await (await open(undefined)).text(1000);
  expect(readdirSync(directory)).toEqual([]);
  expect(await (await open({ mode: "record", directory })).text(1000)).toBe(plain);
  await upstream.close();
  expect(await (await open({ mode: "replay", directory, timed: false })).text(1000)).toBe(plain);
  rmSync(directory, { recursive: true });
});

test("the list of models is read on demand, and its reader says when it was", async () => {
  const upstream = await startFakeUpstream(text("Hello"));
  const read = Promise.withResolvers<unknown>();
  const config = testConfig({ backend: { baseUrl: upstream.url } });
  const services = createServices({ config, log: createLog("ERROR", () => {}) }, read.resolve);
  services.refreshModels();
  await read.promise;
  expect(upstream.requests.map(({ path }) => path)).toEqual(["/v1/models"]);
  await upstream.close();
});
