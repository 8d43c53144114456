import { afterEach, expect, test } from "bun:test";
import { type FakeUpstream, startFakeUpstream, text, upstreamKey } from "../support/fake-upstream.ts";
import { startProxy, type TestProxy } from "../support/proxy.ts";

let open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.map((each) => each.close()));
  open = [];
});

/** A proxy whose small tier has a backend of its own. */
async function start(): Promise<{ readonly proxy: TestProxy; readonly local: FakeUpstream }> {
  const local = await startFakeUpstream(text("Local"));
  const smallBackend = { baseUrl: local.url, apiKey: upstreamKey, name: "generic" } as const;
  const proxy = await startProxy(text("Remote"), { config: { smallBackend } });
  open = [local, proxy];
  return { proxy, local };
}

test("each tier is asked at its own backend, by its own model", async () => {
  const { proxy, local } = await start();
  expect(await proxy.say({ model: "claude-haiku-5" })).toBe("Local");
  expect(await proxy.say({ model: "claude-opus-5-5", stream: true })).toBe("Remote");
  expect(local.lastChat().body).toMatchObject({ model: "small-model" });
  expect(proxy.upstream.lastChat().body).toMatchObject({ model: "big-model" });
});

test("BACKEND@MODEL goes to that backend, and the list of models says so", async () => {
  const { proxy, local } = await start();
  expect(await proxy.say({ model: "small@any/model" })).toBe("Local");
  expect(local.lastChat().body).toMatchObject({ model: "any/model" });
  await local.received(2);
  const list = async () => JSON.stringify(await (await fetch(`${proxy.url}/v1/models`)).json());
  while (!(await list()).includes("claude/small@fake-model")) await Bun.sleep(1);
  expect(await list()).toContain("Haiku → small-model at small");
});
