/** The operator's search service, on loopback, as each one's public reference describes it. */
import { afterEach, expect, test } from "bun:test";
import { text } from "../support/fake-upstream.ts";
import { startProxy, type TestProxy } from "../support/proxy.ts";
import { found, page, query, said, search, searched } from "../support/web-search.ts";

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

type Heard = { readonly url: string; readonly headers: Headers; readonly body: unknown };

async function start(api: "brave" | "tavily" | "exa" | "searxng", answer: object, status = 200) {
  const heard: Heard[] = [];
  const service = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const sent = await request.text();
      const body: unknown = sent === "" ? undefined : JSON.parse(sent);
      heard.push({ url: request.url, headers: request.headers, body });
      return Response.json(answer, { status });
    },
  });
  open.push({ close: () => service.stop(true) });
  const at: TestProxy = await startProxy(text("unused"), {
    config: { search: { api, key: "search-key", baseUrl: `http://127.0.0.1:${service.port}` } },
  });
  open.push(at);
  return { at, heard };
}

const url = "https://bun.example.com/1.4";
const content = (age: string | null = null) => [
  searched(query),
  found(page(url, "Bun 1.4", "It came out.", age ?? undefined)),
  said(`Bun 1.4${age ? ` (${age})` : ""}\n${url}\nIt came out.`),
];

for (const [api, answer, age] of [
  [
    "brave",
    {
      web: {
        results: [{ title: "Bun 1.4", url, description: "It <strong>came</strong> out.", age: "May 2" }],
      },
    },
    "May 2",
  ],
  ["tavily", { results: [{ title: "Bun 1.4", url, content: "It came out." }] }, null],
  [
    "exa",
    { results: [{ title: "Bun 1.4", url, text: "It came out.", publishedDate: "2026-05-02" }] },
    "2026-05-02",
  ],
  ["searxng", { results: [{ title: "Bun 1.4", url, content: "It came out." }] }, null],
] as const)
  test(`${api} searches where the backend cannot`, async () => {
    const { at, heard } = await start(api, answer);
    expect(await (await at.post(search())).json()).toMatchObject({ content: content(age) });
    expect(JSON.stringify([heard[0]?.url.replaceAll("+", " "), heard[0]?.body])).toContain(query);
    expect(JSON.stringify([...(heard[0]?.headers ?? [])])).toContain("search-key");
    expect(at.log.join("\n")).not.toContain("search-key");
  });

test("domains are asked for and enforced", async () => {
  const other = { title: "Other", url: "https://other.example.net", description: "no" };
  const { at, heard } = await start("brave", { web: { results: [other] } });
  const message = await (await at.post(search({}, { allowed_domains: ["example.com"] }))).json();
  expect(message).toMatchObject({ content: [{}, { content: [] }, { text: "Nothing was found." }] });
  expect(heard[0]?.url).toContain("site%3Aexample.com");
});

test("nothing found is no failure, where the answer then has no list of pages", async () => {
  const { at } = await start("brave", { type: "search", query: { original: query } });
  expect(await (await at.post(search())).json()).toMatchObject({
    content: [{}, { content: [] }, { text: "Nothing was found." }],
  });
});

test("text that was written for HTML is read, and a long list of pages is cut", async () => {
  const pages = Array.from({ length: 40 }, (_, i) => ({
    title: "Q &amp; A &#x2F; &#39;x&#39; &bogus; &lt;b&gt;",
    url: `https://a.example.com/${i}`,
    content: "It came out.",
  }));
  const { at } = await start("searxng", { results: pages });
  const [title, url] = ["Q & A / 'x' &bogus; <b>", "https://a.example.com/0"];
  const first = page(url, title, "It came out.");
  const message = await (await at.post(search())).json();
  expect(message).toMatchObject({ content: [{}, { content: [first, ...new Array(9).fill({})] }, {}] });
});

test("a service that cannot be reached is named, and the backend is not", async () => {
  const at = await startProxy(text("unused"), {
    config: { search: { api: "searxng", baseUrl: "http://127.0.0.1:9" } },
  });
  open.push(at);
  await at.post(search());
  const [line = ""] = await at.heard("Cannot search the web");
  expect(line).toContain("searxng cannot be reached: ");
  expect(line).not.toMatch(/the backend|OPENAI_BASE_URL/);
});

test("a service that fails is a failed search, in words for the model and the log", async () => {
  const { at } = await start("tavily", { error: "no" }, 401);
  expect(await (await at.post(search())).json()).toMatchObject({
    content: [
      {},
      { content: { error_code: "unavailable" } },
      { text: expect.stringContaining("tavily answered 401") },
    ],
  });
  expect(at.log.join("\n")).toContain("Cannot search the web: tavily answered 401");
});
