import { afterEach, expect, test } from "bun:test";
import { diagnose } from "../../../src/commands/doctor/diagnose.ts";
import {
  type FakeUpstream,
  json,
  type Script,
  startFakeUpstream,
  text,
} from "../../support/fake-upstream.ts";
import { testConfig } from "../../support/proxy.ts";

let upstream: FakeUpstream | undefined;
afterEach(async () => {
  await upstream?.close();
  upstream = undefined;
});

const capacity = { requests: 64, fetches: 64, limitedBy: undefined };

async function find(baseUrl: string, demo = false): Promise<string> {
  const found: string[] = [];
  await diagnose({
    config: testConfig({ backend: { baseUrl } }),
    demo,
    capacity,
    report: ({ state, topic, text }) => void found.push(`${state} ${topic}: ${text}`),
    withinMs: 60_000,
  });
  return found.join("\n");
}

async function findWith(script: Script): Promise<string> {
  upstream = await startFakeUpstream(script);
  return await find(upstream.url);
}

test("a good backend has nothing bad", async () => {
  const found = await find("http://127.0.0.1:9/v1", true);
  expect(found).not.toContain("bad ");
  for (const topic of [
    "port",
    "backend",
    "window",
    "answer",
    "tools",
    "reasoning",
    "images",
    "JSON",
    "length",
    "cost",
  ])
    expect(found).toContain(` ${topic}: `);
});

test("a backend that is not there is asked nothing", async () => {
  const found = await find("http://127.0.0.1:9/v1");
  expect(found).toContain("bad address: Cannot reach the backend at 127.0.0.1:9");
  expect(found).not.toContain("answer:");
});

test("a refused key, a model that is not there, and words of the backend are bad", async () => {
  expect(await findWith(() => json({ error: { message: "bad key" } }, 401))).toContain("bad ");
  await upstream?.close();
  expect(await findWith(() => json({ error: { message: "no model big-model" } }, 404))).toContain(
    "bad answer: big-model",
  );
  await upstream?.close();
  expect(await findWith(text("I cannot call tools"))).toContain("bad tools:");
});
