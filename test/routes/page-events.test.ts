import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SseDecoder } from "../../src/lib/decode-sse.ts";
import type { PageState } from "../../src/page/page-state.ts";
import { answerEvents } from "../../src/routes/page-events.ts";
import { createLog } from "../../src/telemetry/log.ts";
import { createUsageStore } from "../../src/telemetry/usage/store.ts";
import { entry } from "../support/entries.ts";
import { chunks, contentChunk, createGate, finishChunk, status } from "../support/fake-upstream.ts";
import { ask, startProxy, type TestProxy, testConfig } from "../support/proxy.ts";
import { contextFor, servicesFor } from "../support/services.ts";

const key = "client-key-0123";
const home = mkdtempSync(join(tmpdir(), "page-"));
let proxy: TestProxy;
beforeAll(async () => {
  proxy = await startProxy(status(503, "Secret words"), { config: { server: { clientKey: key } } });
});
afterAll(async () => {
  await proxy.close();
  rmSync(home, { recursive: true, force: true });
});

/** The states of a response, as they come. */
async function* readStates(response: Response): AsyncGenerator<PageState> {
  const decoder = new SseDecoder();
  for await (const bytes of response.body ?? [])
    for (const { data } of decoder.push(bytes)) yield JSON.parse(data);
}

async function find(
  states: AsyncGenerator<PageState>,
  isIt: (state: PageState) => boolean,
): Promise<PageState> {
  for (;;) {
    const { value, done } = await states.next();
    if (done) throw new Error("The stream ended early");
    if (isIt(value)) return value;
  }
}

test("the page hears of requests as they come and go, without their content", async () => {
  const gate = createGate();
  const response = await fetch(`${proxy.url}/page/events`, { headers: { "x-api-key": key } });
  expect(response.headers.get("content-type")).toStartWith("text/event-stream");
  const states = readStates(response);
  const first = await find(states, () => true);
  expect(first).toMatchObject({ isWhole: true, live: [], recent: [], hasUsage: false });
  expect(first.routes.map(({ key, targets }) => [key, ...targets])).toEqual([
    ["opus", "default@big-model"],
    ["sonnet", "default@middle-model"],
    ["haiku", "default@small-model"],
    ["default", "default@*"],
  ]);
  expect(first.backends).toMatchObject([{ id: "default", keys: 1, resting: [], waiting: 0 }]);

  const headers = { "x-api-key": key };
  await proxy.post(ask({ messages: [{ role: "user", content: "Secret prompt" }] }), headers);
  const failed = await find(states, ({ recent }) => recent.length > 0);
  expect(failed).toMatchObject({
    isWhole: false,
    recent: [{ status: 529, error: "overloaded" }],
    total: { failed: 1 },
  });
  expect(failed.errors[0]?.advice).not.toBe("");
  expect(JSON.stringify(failed)).not.toContain("Secret");

  proxy.upstream.follow(chunks([contentChunk("Secret answer"), gate, finishChunk("stop")]));
  const answer = proxy.post(ask({ stream: true }), headers);
  const busy = await find(states, ({ live }) => (live[0]?.chunks ?? 0) > 0);
  expect(busy.live).toMatchObject([{ asked: "claude-opus-5-5", model: "big-model", chunks: 1 }]);
  expect(busy.recent).toEqual([]);
  gate.open();
  await (await answer).text();
  const over = await find(states, ({ live }) => live.length === 0);
  expect(over.total.messages).toBe(2);
  expect(JSON.stringify([busy, over])).not.toContain("Secret");
  await states.return(undefined);
});

test("a page that is open does not keep the proxy from stopping", async () => {
  const other = await startProxy(status(503, "Busy"));
  const response = await fetch(`${other.url}/page/events`);
  const states = readStates(response);
  await states.next();
  await other.close();
  expect(await states.next()).toMatchObject({ done: true });
});

test("longer times come from the database, if there is one", async () => {
  const path = join(home, "usage.sqlite");
  const usage = createUsageStore({ path, days: 90, log: createLog("ERROR", () => {}) });
  usage.keep(entry({ startedAt: Date.now(), session: "s1", client: "ann" }));
  usage.keep(entry({ startedAt: Date.now() - 3 * 24 * 60 * 60_000 }));
  const states = readStates(answerEvents(contextFor("/page/events"), { ...servicesFor([]), usage }));
  const { value } = await states.next();
  expect(value).toMatchObject({
    hasUsage: true,
    total: { messages: 0 },
    today: { messages: 1 },
    days: [{ messages: 1 }, { messages: 1 }],
    sessions: [{ name: "s1", messages: 1 }],
    clients: [{ name: "ann" }],
  });
  await states.return(undefined);
  await usage.close();
});

test("a page that is open shows the routes of a configuration that was read again", async () => {
  const services = servicesFor([], { config: { models: { big: "first" } } });
  const states = readStates(answerEvents(contextFor("/page/events"), services));
  const { value } = await states.next();
  expect(value?.routes[0]).toMatchObject({ key: "opus", targets: ["default@first"] });
  services.reroute(testConfig({ models: { big: "second" } }));
  const next = await find(states, ({ routes }) => routes[0]?.targets[0] !== "default@first");
  expect(next.routes[0]).toMatchObject({ key: "opus", targets: ["default@second"] });
  await states.return(undefined);
});

test("all viewers share one reading of the database", async () => {
  let asked = 0;
  const usage = {
    keep() {},
    async sum() {
      asked += 1;
      return [];
    },
    async close() {},
  };
  const services = { ...servicesFor([]), usage };
  for (let page = 0; page < 5; page += 1) {
    const states = readStates(answerEvents(contextFor("/page/events"), services));
    expect((await states.next()).value).toMatchObject({ hasUsage: true });
    await states.return(undefined);
  }
  expect(asked).toBe(3);
});
