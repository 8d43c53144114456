import { afterAll, beforeAll, expect, test } from "bun:test";
import { digestKey } from "../../src/config/client-keys.ts";
import { text } from "../support/fake-upstream.ts";
import { ask, startProxy, type TestProxy } from "../support/proxy.ts";

const keys = { alice: "alice-key-0123", bob: "bob-key-0123" };
const common = "common-key-0123";
let proxy: TestProxy;

beforeAll(async () => {
  const clients = {
    keys: Object.entries(keys).map(([name, key]) => ({ name, key, digest: digestKey(key) })),
    file: undefined,
  };
  proxy = await startProxy([text("a"), text("b")], { config: { server: { clients, clientKey: common } } });
});
afterAll(() => proxy.close());

test("log and metrics tell which client it was, and neither shows a key", async () => {
  await (await proxy.post(ask(), { authorization: `Bearer ${keys.alice}` })).text();
  await (await proxy.post(ask(), { "x-api-key": common })).text();
  expect((await proxy.post(ask(), { "x-api-key": "alice" })).status).toBe(401);
  await (await proxy.post(ask({ max_tokens: -1 }), { "x-api-key": keys.bob })).text();
  const [first = "", second = ""] = await proxy.heard("message answered", 2);
  expect(first).toContain("client_name=alice");
  expect(second).not.toContain("client_name");
  expect((await proxy.heard("Request refused", 2)).at(-1)).toContain("client_name=bob");

  const scrape = await fetch(`${proxy.url}/metrics`, { headers: { "x-api-key": keys.bob } });
  const exposition = await scrape.text();
  expect(exposition).toMatch(/^claude_code_proxy_requests_total\{[^}]*client="alice"[^}]*\} 1$/m);
  expect(exposition).not.toContain("bob");
  for (const secret of [...Object.values(keys), common]) {
    expect(exposition).not.toContain(secret);
    expect(proxy.log.join("\n")).not.toContain(secret);
  }
});
