import { afterEach, expect, test } from "bun:test";
import { type RunningServer, startServer } from "../src/server.ts";
import { createLog } from "../src/telemetry/log.ts";
import { json, startFakeUpstream, text } from "./support/fake-upstream.ts";
import { testConfig } from "./support/proxy.ts";
import type { ConfigChanges } from "./support/write-variables.ts";

const opened: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.stop();
});

function start(changes: ConfigChanges = {}): RunningServer & { readonly lines: readonly string[] } {
  const lines: string[] = [];
  const log = createLog("DEBUG", (line) => void lines.push(line));
  const server = startServer({ config: testConfig(changes), log });
  opened.push(server);
  return { ...server, lines };
}

test("the URL is one that clients of this machine can use", () => {
  const { url, port } = start({ server: { host: "0.0.0.0" } });
  expect(url).toBe(`http://127.0.0.1:${port}`);
  expect(start().url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
});

test("two servers cannot share a port", () => {
  const { port } = start();
  expect(() => start({ server: { port } })).toThrow();
});

test("every answer has an id, and errors have it in their body too", async () => {
  const { url } = start();
  const ids = new Set<string | null>();
  for (const path of ["/health", "/none", "/v1/messages"]) {
    const response = await fetch(url + path);
    const id = response.headers.get("request-id");
    expect(id).toMatch(/^req_[0-9A-Za-z]{24}$/);
    if (response.status >= 400)
      expect(await response.json()).toMatchObject({ type: "error", request_id: id });
    ids.add(id);
  }
  expect(ids.size).toBe(3);
});

test("the guard looks before a route answers, and a wrong key is a warning", async () => {
  const { url, lines } = start({ server: { clientKey: "secret" } });
  expect((await fetch(`${url}/v1/models`)).status).toBe(401);
  expect(lines.join("\n")).toMatch(
    /WARNING Request refused.* path=\/v1\/models .*status=401 error_type=authentication_error/,
  );
  const response = await fetch(`${start().url}/health`, { headers: { host: "evil.example" } });
  expect([response.status, response.headers.get("request-id")]).toEqual([
    403,
    expect.stringMatching(/^req_/),
  ]);
});

test("a Host that makes no URL is an error of the client", async () => {
  const { url } = start({ server: { clientKey: "secret" } });
  const headers = { host: "[", "x-api-key": "secret" };
  expect((await fetch(`${url}/v1/models`, { headers })).status).toBe(400);
});

test("the catalog is known once the backend's list was read, or could not be", async () => {
  const models = json({ data: [{ id: "a" }] });
  const upstream = await startFakeUpstream(text("Hello"), { models });
  opened.push({ stop: upstream.close });
  const { catalog } = start({ backend: { baseUrl: upstream.url } });
  expect((await catalog).all().map(({ id }) => id)).toEqual(["a"]);
  expect((await start().catalog).all()).toEqual([]);
});
