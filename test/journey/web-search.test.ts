/**
 * Web search through the real server: each backend is asked as its reference says, and what it finds reaches the client
 * as Anthropic tells it, in a stream and as one message.
 */
import { describe, expect, test } from "bun:test";
import { json, text } from "../support/fake-upstream.ts";
import { checkStream, foldMessage } from "../support/grammar.ts";
import { ask, readError } from "../support/proxy.ts";
import {
  answerWith,
  cites,
  found,
  lastBody,
  page,
  proxyForSearches,
  query,
  said,
  search,
  searched,
  tool,
} from "../support/web-search.ts";

const start = proxyForSearches();

describe("other backends with a search of their own", () => {
  test("OpenAI: a search goes to the search model, with the domains in the prompt", async () => {
    const at = await start({ backend: "openai", model: "gpt-5.4" });
    const message = await answerWith(
      at,
      "openai/search.sse",
      search({}, { allowed_domains: ["example.org"], user_location: { type: "approximate", country: "NL" } }),
    );
    const sent = lastBody(at);
    expect(sent).toMatchObject({
      model: "gpt-5-search-api",
      web_search_options: { user_location: { type: "approximate", approximate: { country: "NL" } } },
    });
    expect(sent.tools).toBeUndefined();
    expect(JSON.stringify(sent.messages)).toContain("Search only these sites: example.org");
    const url = "https://tides.example.org/today?utm_source=openai";
    expect<unknown>(message.content).toEqual([
      said(`High tide is at 14:02 ([tides.example.org](${url})).`, [cites(url, "Tides today")]),
      searched(query),
      found(page(url, "Tides today")),
    ]);
    expect(message.usage.server_tool_use?.web_search_requests).toBe(1);
    expect(at.log.join("\n")).toContain("left out max_uses of the web search");
  });

  test("OpenAI: the search model is not asked where the account lacks it", async () => {
    const at = await start({ backend: "openai", model: "gpt-5.4", models: ["gpt-5.4"] });
    await at.heard("Read the backend's model list");
    at.upstream.follow(text("unused"));
    expect(await (await at.post(search())).json()).toMatchObject({
      content: [{ type: "server_tool_use" }, { content: { error_code: "unavailable" } }, { type: "text" }],
    });
  });

  test("OpenAI: other tools beside the search stay with the named model", async () => {
    const at = await start({ backend: "openai", model: "gpt-5.4" });
    const save = { name: "save", input_schema: { type: "object", properties: {} } };
    await answerWith(at, "openai/text.sse", ask({ tools: [save, tool] }));
    expect(lastBody(at)).toMatchObject({ model: "gpt-5.4", tools: [{ type: "function" }] });
    expect(at.log.join("\n")).toContain("left out tool web_search");
  });

  test("Groq: a search goes to the compound system, whose queries are shown", async () => {
    const extensions = ["search_settings", "compound_custom", "reasoning"];
    const at = await start({ backend: "groq", extensions });
    const message = await answerWith(
      at,
      "groq/search.sse",
      search({}, { blocked_domains: ["spam.example.net"] }),
    );
    expect(lastBody(at)).toMatchObject({
      model: "groq/compound",
      search_settings: { exclude_domains: ["spam.example.net"] },
      compound_custom: { tools: { enabled_tools: ["web_search"] } },
    });
    expect<unknown>(message.content).toEqual([
      expect.objectContaining({ type: "thinking", thinking: "Look it up." }),
      searched("bridge of the year 2025"),
      found(page("https://bridges.example.com/2025", "Bridge of the year", "The jury chose a footbridge.")),
      said("A footbridge won."),
    ]);
  });

  test("Z.ai: a search uses its own tool, also without streaming", async () => {
    const at = await start({ backend: "zai", model: "glm-5", extensions: ["web_search"] });
    const message = await answerWith(
      at,
      "zai/search.json",
      search({}, { allowed_domains: ["w.example.com"] }),
    );
    expect(lastBody(at)).toMatchObject({
      stream: false,
      tools: [
        {
          type: "web_search",
          web_search: { enable: true, search_query: query, search_domain_filter: "w.example.com" },
        },
      ],
    });
    expect<unknown>(message.content).toEqual([
      searched(query),
      found(
        page(
          "https://w.example.com/hangzhou",
          "Hangzhou weather",
          "Rain in the morning, dry later.",
          "2025-11-18",
        ),
      ),
      said("Rain until noon.[ref_1]"),
    ]);
  });

  test("Qwen: links in the text become the results, as there is no list", async () => {
    const extensions = ["enable_search", "search_options", "enable_thinking", "thinking_budget"];
    const at = await start({ backend: "qwen", model: "qwen-plus", extensions });
    const message = await answerWith(at, "qwen/search.sse", search({}, { allowed_domains: ["example.cn"] }));
    expect(lastBody(at)).toMatchObject({
      model: "qwen3-max",
      enable_search: true,
      search_options: { forced_search: true, assigned_site_list: ["example.cn"] },
    });
    expect<unknown>(message.content.slice(1)).toEqual([
      searched(query),
      found(page("https://museum.example.cn/visit", "opening hours")),
    ]);
  });

  test("Perplexity: pages in every chunk are shown once, before the text", async () => {
    const extensions = ["search_domain_filter", "web_search_options"];
    const at = await start({ backend: "generic", model: "sonar-pro", extensions });
    const message = await answerWith(at, "generic/search.sse", search({}, { blocked_domains: ["c.com"] }));
    expect(lastBody(at)).toMatchObject({ search_domain_filter: ["-c.com"] });
    expect<unknown>(message.content).toEqual([
      searched(query),
      found(
        page("https://a.example.com/one", "One", "First source.", "2025-11-01"),
        page("https://b.example.com/two", "Two"),
      ),
      said("Both say so[1][2]."),
    ]);
    expect(message.usage.server_tool_use?.web_search_requests).toBe(1);
  });
});

describe("a backend without search", () => {
  const refusal = [
    searched(query),
    { ...found(), content: { type: "web_search_tool_result_error", error_code: "unavailable" } },
    said(expect.stringMatching(/cannot search the web with the model big-model.*Tell the user/s)),
  ];

  test.each([
    ["forced", { type: "tool", name: "web_search" }],
    ["the only tool", { type: "auto" }],
  ])("is not asked for a search: %s", async (_, tool_choice) => {
    const at = await start({ backend: "xai" });
    const before = at.upstream.requests.filter(({ path }) => path.includes("chat")).length;
    const stream = await at.post(search({ stream: true, tool_choice }));
    const message = foldMessage(checkStream(await stream.text()));
    expect<unknown>(message.content).toEqual(refusal);
    expect(message).toMatchObject({ stop_reason: "end_turn", usage: { input_tokens: 0 } });
    expect(message.usage.server_tool_use).toBeUndefined();
    expect(await (await at.post(search({ tool_choice }))).json()).toMatchObject({ content: refusal });
    expect(at.upstream.requests.filter(({ path }) => path.includes("chat")).length).toBe(before);
    expect(at.log.join("\n")).toMatch(/refused a web search: 127\.0\.0\.1:\d+ cannot search the web/);
  });

  test("gets the other tools, and the log names what was left out", async () => {
    const at = await start({ backend: "generic" });
    at.upstream.follow(text("Hello"));
    const save = { name: "save", input_schema: { type: "object", properties: {} } };
    const request = ask({ tools: [tool, save, { type: "web_fetch_20250910", name: "web_fetch" }] });
    expect(await (await at.post(request)).json()).toMatchObject({ content: [{ text: "Hello" }] });
    expect(lastBody(at).tools).toHaveLength(1);
    expect(at.log.join("\n")).toContain("left out tool web_search");
    expect(at.log.join("\n")).toContain("left out tool web_fetch");
  });

  test("that refuses a search is quoted", async () => {
    const at = await start({
      backend: "qwen",
      model: "qwen3-max-old",
      extensions: ["enable_search", "search_options"],
    });
    at.upstream.follow(json({ error: { message: "This model does not support enable_search." } }, 400));
    const error = await readError(await at.post(search()));
    expect(error.error.message).toContain("does not support enable_search");
  });
});
