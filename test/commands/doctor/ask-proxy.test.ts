import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Client, createClient } from "../../../src/commands/doctor/ask-proxy.ts";
import { createSender } from "../../../src/upstream/transport/send.ts";
import { json, text } from "../../support/fake-upstream.ts";
import { startProxy, type TestProxy } from "../../support/proxy.ts";

let proxy: TestProxy;
let client: Client;
beforeAll(async () => {
  proxy = await startProxy((request) =>
    JSON.stringify(request.body).includes("refuse")
      ? json({ error: { message: "no such thing", type: "invalid_request_error" } }, 400)
      : text("Hello there"),
  );
  client = createClient(proxy.url, "any", createSender(8), new AbortController().signal);
});
afterAll(() => proxy.close());

const request = (content: string) => ({
  model: "opus",
  max_tokens: 9,
  messages: [{ role: "user", content }],
});

test("a message is heard, streamed or not, and its tokens are counted", async () => {
  expect(await client.ask(request("Hi"))).toMatchObject({ type: "message", text: "Hello there" });
  const { heard, firstMs, tookMs } = await client.time(request("Hi"));
  expect(heard).toMatchObject({ type: "message", text: "Hello there" });
  expect(firstMs).toBeLessThanOrEqual(tookMs);
  expect(client.spent.output).toBeGreaterThan(0);
});

test("tokens of a prompt that came from a cache are counted too", async () => {
  const cached = await startProxy(
    text("Hi", {
      usage: {
        prompt_tokens: 100,
        completion_tokens: 2,
        total_tokens: 102,
        prompt_tokens_details: { cached_tokens: 90 },
      },
    }),
  );
  const own = createClient(cached.url, "any", createSender(8), new AbortController().signal);
  await own.ask(request("Hi"));
  await own.time(request("Hi"));
  await cached.close();
  expect(own.spent).toEqual({ input: 200, output: 4 });
});

test("an error is heard in its own words", async () => {
  for (const heard of [await client.ask(request("refuse")), (await client.time(request("refuse"))).heard])
    expect(heard).toMatchObject({ type: "error", message: expect.stringContaining("no such thing") });
});

test("after the deadline everything is late", async () => {
  const late = createClient(proxy.url, "any", createSender(8), AbortSignal.abort());
  expect(await late.ask(request("Hi"))).toEqual({ type: "late" });
});
