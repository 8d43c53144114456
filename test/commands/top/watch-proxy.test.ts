import { expect, test } from "bun:test";
import { watchProxy } from "../../../src/commands/top/watch-proxy.ts";
import { createJournal } from "../../../src/telemetry/journal.ts";
import { createSender } from "../../../src/upstream/transport/send.ts";
import { entry } from "../../support/entries.ts";
import { createFakeSender, type FakeAnswer } from "../../support/fake-sender.ts";

async function watch(answer: FakeAnswer): Promise<number> {
  const options = { url: "http://proxy", key: undefined, signal: new AbortController().signal };
  let count = 0;
  for await (const state of watchProxy({ ...options, sender: createFakeSender(answer) }))
    count += state.recent.length;
  return count;
}

const headers = { "content-type": "text/event-stream; charset=utf-8" };

const state = (changes: object) => {
  const whole = { ...createJournal(() => 0).snapshot(), version: "1", now: 1, isWhole: true, ...changes };
  return `event: state\ndata: ${JSON.stringify(whole)}\n\n`;
};

test("states add up", async () => {
  const pieces = [
    state({ recent: [entry({ id: "a" })] }),
    state({ recent: [entry({ id: "b" })], isWhole: false }),
  ];
  expect(await watch({ headers, pieces })).toBe(1 + 2);
});

test("another server is told from a proxy", async () => {
  const foreign = [
    "data: {}\n\n",
    "data: no\n\n",
    state({ today: {} }),
    state({ recent: [null] }),
    state({ recent: [{ ...entry(), healed: undefined }] }),
    state({ live: [1] }),
    state({ errors: undefined }),
    state({ errors: [{}] }),
    state({ version: 1 }),
  ];
  for (const piece of foreign)
    await expect(watch({ headers, pieces: [piece] })).rejects.toThrow("cannot be read");
  await expect(watch({ status: 404, pieces: ["<html>"] })).rejects.toThrow("is not this proxy");
  const page = { headers: { "content-type": "text/html" }, pieces: ["<html>"] };
  await expect(watch(page)).rejects.toThrow("is not this proxy");
  const busy = { status: 529, pieces: ['{"error":{"message":"Too many\\u001b[31m are open"}}'] };
  await expect(watch(busy)).rejects.toThrow("it answers 529: Too many [31m are open");
});

test("a fault names the proxy, not a backend", async () => {
  const url = "http://127.0.0.1:1";
  const states = watchProxy({
    url,
    key: undefined,
    sender: createSender(8),
    signal: new AbortController().signal,
  });
  await expect(states.next()).rejects.toThrow(
    `Cannot watch ${url}: the connection was refused; give the address of a running proxy`,
  );
});
