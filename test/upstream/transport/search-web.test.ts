import { expect, test } from "bun:test";
import type { SearchService } from "../../../src/catalog/search-apis.ts";
import { searchWeb } from "../../../src/upstream/transport/search-web.ts";
import { createSender } from "../../../src/upstream/transport/send.ts";

const question = { query: "q", allowedDomains: [], blockedDomains: [] };
const { signal } = new AbortController();
const search = (service: SearchService) => searchWeb(question, service, createSender(10), signal);

test("what is missing is named before anything is sent", async () => {
  await expect(search({ api: "brave" })).rejects.toThrow("SEARCH_API_KEY is not set");
  await expect(search({ api: "searxng", key: "k" })).rejects.toThrow("SEARCH_API_URL is not set");
});

test("an answer without results is a failure", async () => {
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("<html>") });
  try {
    const baseUrl = `http://127.0.0.1:${server.port}`;
    await expect(search({ api: "searxng", baseUrl })).rejects.toThrow("sent no list of results");
  } finally {
    await server.stop(true);
  }
});

test.each([
  ["is asked once more", ["0", undefined], "found", 2],
  ["is asked no more than that", ["0", "0"], "brave answered 429", 2],
  ["is not waited for where that would take long", ["60", undefined], "brave answered 429", 1],
] as const)("a service that limits requests %s", async (_, waits, outcome, times) => {
  let asked = 0;
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch() {
      const after = waits[asked];
      asked += 1;
      if (after !== undefined) return new Response("", { status: 429, headers: { "retry-after": after } });
      return Response.json({ web: { results: [{ title: "found", url: "https://a.example" }] } });
    },
  });
  const found = await search({ api: "brave", key: "k", baseUrl: `http://127.0.0.1:${server.port}` }).then(
    ([first]) => first?.title,
    (error: unknown) => String(error),
  );
  await server.stop(true);
  expect(found).toContain(outcome);
  expect(asked).toBe(times);
});
