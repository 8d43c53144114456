import { expect, test } from "bun:test";
import { watchProxy } from "../../../src/commands/top/watch-proxy.ts";
import { createFakeSender, type FakeAnswer } from "../../support/fake-sender.ts";

async function watch(answer: FakeAnswer): Promise<number> {
  const options = { url: "http://proxy", key: undefined, signal: new AbortController().signal };
  let count = 0;
  for await (const state of watchProxy({ ...options, sender: createFakeSender(answer) }))
    count += state.recent.length;
  return count;
}

const state = (changes: object) =>
  `event: state\ndata: ${JSON.stringify({ isWhole: true, live: [], recent: [], today: {}, ...changes })}\n\n`;

test("states add up", async () => {
  const next = { isWhole: false, recent: [{ id: "b" }], minutes: [], hours: [], days: [] };
  const first = { recent: [{ id: "a" }], minutes: [], hours: [], days: [] };
  expect(await watch({ pieces: [state(first), state(next)] })).toBe(1 + 2);
});

test("another server is told from a proxy", async () => {
  await expect(watch({ pieces: ["data: {}\n\n"] })).rejects.toThrow("is not understood");
  await expect(watch({ pieces: ["data: no\n\n"] })).rejects.toThrow("is not understood");
  await expect(watch({ status: 404, pieces: ["<html>"] })).rejects.toThrow("another server");
  const busy = { status: 529, pieces: ['{"error":{"message":"Too many are open"}}'] };
  await expect(watch(busy)).rejects.toThrow("it answers 529: Too many are open");
});
