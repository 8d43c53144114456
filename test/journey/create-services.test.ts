import { expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { messagesRequest } from "../../src/anthropic/wire.ts";
import { createServices } from "../../src/journey/create-services.ts";
import { chooseTarget } from "../../src/plan/choose-target.ts";
import { createLog } from "../../src/telemetry/log.ts";
import { startFakeUpstream, text, upstreamKey } from "../support/fake-upstream.ts";
import { ask, testConfig } from "../support/proxy.ts";

const onePixel =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

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

test("a configuration that is read again keeps the descriptions of images, which cost money", async () => {
  const upstream = await startFakeUpstream(text("A cat"));
  const config = testConfig({ backend: { baseUrl: upstream.url }, media: { visionModel: "eyes" } });
  const services = createServices({ config, log: createLog("ERROR", () => {}) }, () => {});
  const source = { type: "base64", media_type: "image/png", data: onePixel } as const;
  const target = chooseTarget(messagesRequest.parse(ask()), services);
  for (const { describer } of [services, services.reroute(config)]) {
    const told = await describer?.describe([{ type: "image", source }], target, { note: () => {} });
    expect([...(told ?? [])][0]?.[1]).toContain("A cat");
  }
  expect(upstream.requests.filter(({ path }) => path.endsWith("/chat/completions"))).toHaveLength(1);
  await upstream.close();
});

test("a trace has no key of a configuration that was read later", async () => {
  const directory = mkdtempSync(join(tmpdir(), "services-"));
  const upstream = await startFakeUpstream(text("The key is tomorrows-key"));
  const config = testConfig({ backend: { baseUrl: upstream.url, apiKey: upstreamKey } });
  const cassette = { mode: "trace", directory } as const;
  const services = createServices({ config, log: createLog("ERROR", () => {}), cassette }, () => {});
  const { sender } = services.reroute({
    ...config,
    backends: [config.backend, { ...config.backend, apiKey: "tomorrows-key", id: "b" }],
  });
  const answer = await sender.send({
    method: "POST",
    url: `${upstream.url}/chat/completions`,
    headers: { authorization: `Bearer ${upstreamKey}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "m", messages: [{ role: "user", content: "Hi" }] }),
    silenceMs: 60_000,
    signal: new AbortController().signal,
  });
  expect(await answer.text(10_000)).toContain("tomorrows-key");
  await upstream.close();
  const [tape = ""] = readdirSync(directory);
  const kept = await Bun.file(join(directory, tape)).text();
  expect(kept).toContain("The key is");
  expect(kept).not.toContain("tomorrows-key");
  rmSync(directory, { recursive: true });
});
