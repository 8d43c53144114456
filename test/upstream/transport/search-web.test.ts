import { expect, test } from "bun:test";
import { type SearchService, searchWeb } from "../../../src/upstream/transport/search-web.ts";
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
