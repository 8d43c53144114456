/** What `message_start` says about the prompt, compared with what the backend reports in the end. */
import { afterEach, describe, expect, test } from "bun:test";
import { z } from "zod";
import {
  type CountingRule,
  countingRules,
  countPrompt,
  createConversation,
} from "../support/counting-backend.ts";
import { json, text } from "../support/fake-upstream.ts";
import { ask, readError, startProxy, type TestProxy } from "../support/proxy.ts";

let proxy: TestProxy | undefined;
afterEach(() => proxy?.close());

const usage = z.object({ input_tokens: z.number() });
const streamEvent = z.union([
  z.object({ type: z.literal("message_start"), message: z.object({ usage }) }),
  z.object({ type: z.literal("message_delta"), usage }),
  z.object({ type: z.string() }),
]);

/** The estimate and the truth of one request. */
async function measure(running: TestProxy, request: object): Promise<{ estimate: number; truth: number }> {
  const response = await running.post({ ...request, stream: true });
  let estimate = Number.NaN;
  let truth = Number.NaN;
  for (const [, data = ""] of (await response.text()).matchAll(/^data: (.*)$/gm)) {
    const event = streamEvent.parse(JSON.parse(data));
    if ("message" in event) estimate = event.message.usage.input_tokens;
    else if ("usage" in event) truth = event.usage.input_tokens;
  }
  return { estimate, truth };
}

function startCounting(rule: CountingRule): Promise<TestProxy> {
  return startProxy(({ body }) => {
    const prompt_tokens = countPrompt(body, rule);
    return text("Done", { usage: { prompt_tokens, completion_tokens: 5, total_tokens: prompt_tokens + 5 } });
  });
}

/** Asks again until the answer is as expected, because learning goes on in the background. */
async function until<Value>(ask: () => Promise<Value>, isDone: (value: Value) => boolean): Promise<Value> {
  for (let tries = 0; ; tries += 1) {
    const value = await ask();
    if (isDone(value) || tries === 100) return value;
    await Bun.sleep(20);
  }
}

const errorOf = ({ estimate, truth }: { estimate: number; truth: number }) => Math.abs(estimate / truth - 1);

for (const rule of countingRules) {
  test(`message_start learns to report the backend's count: ${rule.name}`, async () => {
    const running = await startCounting(rule);
    proxy = running;
    const [first = {}] = createConversation("claude-opus-5-5");
    const isNear = (measured: { estimate: number; truth: number }) => errorOf(measured) < 0.01;
    expect(errorOf(await until(() => measure(running, first), isNear))).toBeLessThan(0.01);
  });
}

test("after an answer, count_tokens counts as the backend does", async () => {
  const [rule] = countingRules;
  if (!rule) throw new Error("There is no counting rule");
  proxy = await startCounting(rule);
  const [request] = createConversation("claude-opus-5-5");
  const count = async () => {
    const response = await fetch(`${proxy?.url}/v1/messages/count_tokens`, {
      method: "POST",
      body: JSON.stringify(request),
    });
    return usage.parse(await response.json()).input_tokens;
  };
  const { truth } = await measure(proxy, request ?? {});
  const counted = await until(count, (tokens) => Math.abs(tokens / truth - 1) < 0.01);
  expect(Math.abs(counted / truth - 1)).toBeLessThan(0.01);
});

describe("the context window", () => {
  const words = "A sentence of a rather long document, number after number. ";
  const models = json({ data: [{ id: "big-model", context_length: 8192 }] });
  const asking = (times: number) => ask({ messages: [{ role: "user", content: words.repeat(times) }] });

  async function startWithWindow(): Promise<TestProxy> {
    const running = await startProxy(text("Hello"), { upstream: { models } });
    await running.heard("Read the backend's model list");
    return running;
  }

  test("a prompt that surely exceeds it is refused at once, so that Claude Code compacts", async () => {
    proxy = await startWithWindow();
    for (const stream of [false, true]) {
      const response = await proxy.post({ ...asking(5000), stream });
      expect(response.status).toBe(400);
      const { error } = await readError(response);
      expect(error.type).toBe("invalid_request_error");
      expect(error.message).toMatch(/^prompt is too long: \d{5} tokens > 8192 maximum$/);
    }
    expect(proxy.upstream.requests.filter(({ method }) => method === "POST")).toEqual([]);
  });

  test("a prompt that may fit is left to the backend", async () => {
    proxy = await startWithWindow();
    expect((await proxy.post(asking(700))).status).toBe(200);
  });

  test("a prompt that looks much longer than it is, too", async () => {
    proxy = await startWithWindow();
    const lines = { role: "user", content: "-".repeat(100_000) };
    expect((await proxy.post(ask({ messages: [lines] }))).status).toBe(200);
  });

  test("a reported count beyond the window does not block the next turn", async () => {
    const usage = { prompt_tokens: 60_000, completion_tokens: 5 };
    proxy = await startProxy(text("Hello", { usage }), { upstream: { models } });
    await proxy.heard("Read the backend's model list");
    for (let turn = 0; turn < 3; turn += 1) {
      const response = await proxy.post(asking(60));
      expect(response.status).toBe(200);
      await response.text();
    }
  });

  test("one warning says that the backend seems to cut prompts", async () => {
    proxy = await startProxy(text("Hello", { usage: { prompt_tokens: 4096, completion_tokens: 5 } }));
    for (let turn = 0; turn < 3; turn += 1) await (await proxy.post(asking(5000))).text();
    const warnings = await proxy.heard("seems to cut prompts for big-model");
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/WARNING .*counted 4096 of about \d{5} tokens.*context length.* id=req_/);
  });
});
