import { expect, test } from "bun:test";
import { readSearchResult, searchApiNames, searchApis } from "../../src/catalog/search-apis.ts";

const question = { query: "q", allowedDomains: ["https://*.a.example/docs"], blockedDomains: ["b.example"] };

test("every service is asked for the domains, by site", () => {
  for (const name of searchApiNames) {
    const { path, body } = searchApis[name].ask(question);
    const asked = decodeURIComponent(path) + JSON.stringify(body ?? {});
    expect(asked).toMatch(/(?:site:|\[")a\.example/);
    expect(asked).toMatch(/(?:-site:|\[")b\.example/);
  }
});

test("a result needs no more than an address", () => {
  const url = "https://a.example";
  expect(readSearchResult("exa", { url })).toEqual({ url, title: url, snippet: "", age: undefined });
  expect(readSearchResult("exa", "no")).toBeUndefined();
});
