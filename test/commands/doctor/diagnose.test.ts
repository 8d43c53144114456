import { afterEach, describe, expect, test } from "bun:test";
import { diagnose } from "../../../src/commands/doctor/diagnose.ts";
import {
  type FakeReply,
  type FakeUpstream,
  json,
  raw,
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

const capacity = { requests: 64, fetches: 64 };

async function find(baseUrl: string, demo = false, withinMs = 60_000): Promise<string> {
  const found: string[] = [];
  await diagnose({
    config: testConfig({ backend: { baseUrl } }),
    demo,
    capacity,
    report: ({ state, topic, text }) => void found.push(`${state} ${topic}: ${text}`),
    withinMs,
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
  expect(found).toContain("bad TCP: 127.0.0.1:9: the connection was refused");
  expect(found).not.toContain("answer:");
});

describe("a broken backend", () => {
  const html = "<html><title>Hotel network</title></html>";
  const page = (code: number) => raw([html], { status: code, headers: { "content-type": "text/html" } });
  const stopped = () => Promise.resolve("http://no-such-host.invalid/v1");
  const serving = async (script: Script, models: FakeReply) => {
    upstream = await startFakeUpstream(script, { models });
    return upstream.url;
  };
  const refused = json({ error: { message: "Incorrect API key provided" } }, 401);
  const missing = json(
    { error: { message: "The model `big-model` does not exist", code: "model_not_found" } },
    404,
  );
  const others = json({ data: [{ id: "other-model" }] });

  test.each<[string, () => Promise<string>, RegExp]>([
    ["whose name is unknown", stopped, /^bad DNS: no-such-host\.invalid:80: the host name was not found/m],
    ["that is a web page", () => serving(page(200), page(200)), /^(?:bad|unknown) models: .*cannot be read/m],
    ["that refuses the key", () => serving(refused, refused), /^bad key: .*refuses the key \(401\)/m],
    [
      "without the model",
      () => serving(missing, others),
      /^bad models: big-model .*did you mean|^bad models: big-model/m,
    ],
    ["that has no tools", () => serving(text("I cannot call tools"), others), /^bad /m],
  ])("%s is recognized", async (_, start, words) => {
    const found = await find(await start());
    expect(found).toMatch(words);
    expect(found).toContain("bad ");
  });

  test("that never answers does not keep the doctor waiting", async () => {
    upstream = await startFakeUpstream({ ...raw([]), before: [{ do: "hang" }] });
    const found = await find(upstream.url, false, 300);
    expect(found).toContain("bad answer: big-model has not answered in time");
  });
});

test("a model that does not answer is not said to need a larger context", async () => {
  const quota = { message: "You exceeded your current quota", code: "insufficient_quota" };
  const found = await findWith(() => json({ error: quota }, 429));
  expect(found).toContain("bad answer: big-model: You exceeded your current quota");
  expect(found).not.toContain(" length: ");
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
