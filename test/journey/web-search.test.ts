/**
 * Web search through the real server: each backend is asked as its reference says, and what it finds reaches the
 * client in Anthropic's form, as a stream and as one message.
 */
import { afterEach, describe, expect, test } from "bun:test";
import { createAnthropic } from "@ai-sdk/anthropic";
import NewestSdk from "@anthropic-ai/sdk";
import { generateText, streamText } from "ai";
import OlderSdk from "anthropic-sdk-0";
import { z } from "zod";
import type { BackendName } from "../../src/catalog/backends/known-backends.ts";
import { json, raw, text, toolCalls } from "../support/fake-upstream.ts";
import { checkStream, foldMessage } from "../support/grammar.ts";
import { ask, readError, startProxy, type TestProxy } from "../support/proxy.ts";

const folder = `${import.meta.dir}/../fixtures/openai-chat/`;

let proxy: TestProxy | undefined;
afterEach(() => proxy?.close());

type Start = { backend: BackendName; model?: string; extensions?: string[]; models?: string[] };

async function start({ backend, model = "big-model", extensions = [], models }: Start): Promise<TestProxy> {
  const data = (models ?? []).map((id) => ({ id }));
  proxy = await startProxy(text("unused"), {
    config: { backend: { name: backend }, models: { big: model } },
    upstream: { extensions, models: models ? json({ data }) : json({ error: { message: "None" } }, 404) },
  });
  return proxy;
}

const tool = { type: "web_search_20250305", name: "web_search", max_uses: 8 };
const asked = "Perform a web search for the query: when did Bun 1.4 come out";

/** As Claude Code's WebSearch asks; older versions force the call. */
const search = (changes: object = {}, toolChanges: object = {}) =>
  ask({
    messages: [{ role: "user", content: asked }],
    tools: [{ ...tool, ...toolChanges }],
    tool_choice: { type: "tool", name: "web_search" },
    ...changes,
  });

async function answerWith(at: TestProxy, file: string, request: Record<string, unknown>) {
  const bytes = await Bun.file(folder + file).bytes();
  const type = file.endsWith(".sse") ? "text/event-stream" : "application/json";
  at.upstream.follow(raw(bytes, { splitEvery: 97, headers: { "content-type": type } }));
  const stream = await at.post({ ...request, stream: true });
  const streamed = foldMessage(checkStream(await stream.text()));
  const whole = await at.post(request);
  const message = await whole.json();
  expect(withoutIds(message)).toEqual(withoutIds(streamed));
  return streamed;
}

function withoutIds(message: unknown): Record<string, unknown> {
  return JSON.parse(JSON.stringify(message).replace(/"(msg|srvtoolu)_\w+"/g, '"$1"'));
}

const page = (url: string, title: string, encrypted_content = "", page_age: string | null = null) => ({
  type: "web_search_result",
  url,
  title,
  encrypted_content,
  page_age,
});
const found = (...content: object[]) => ({
  type: "web_search_tool_result",
  tool_use_id: expect.stringMatching(/^srvtoolu_/),
  caller: { type: "direct" },
  content,
});
const searched = (query: string) => ({
  type: "server_tool_use",
  id: expect.stringMatching(/^srvtoolu_/),
  name: "web_search",
  input: { query },
  caller: { type: "direct" },
});
const said = (text: string, citations: object[] | null = null) => ({ type: "text", text, citations });
const cites = (url: string, title: string, cited_text = "") => ({
  type: "web_search_result_location",
  url,
  title,
  cited_text,
  encrypted_index: "",
});
const query = "when did Bun 1.4 come out";

const body = z.looseObject({
  model: z.string(),
  tools: z.array(z.looseObject({ type: z.string() })).optional(),
  tool_choice: z.unknown().optional(),
  stream: z.boolean(),
  messages: z.array(z.looseObject({ content: z.unknown() })),
});
const lastBody = (at: TestProxy) => body.parse(at.upstream.lastChat().body);

const bunPages = [
  page(
    "https://bun.sh/blog/bun-v1.4",
    "Bun v1.4",
    "Bun 1.4 was released on 7 October.\n[...]\nIt is faster.",
  ),
  page("https://news.example.com/bun", "Bun gets faster", "The runtime was released this week."),
];
const bunText = "Bun 1.4 came out in October ([bun.sh](https://bun.sh/blog/bun-v1.4)).";
const openrouterTools = ["openrouter:web_search", "openrouter:web_fetch", "session_id"];

describe("OpenRouter", () => {
  test("searches with its server tool, whatever the version of Anthropic's", async () => {
    const at = await start({ backend: "openrouter", extensions: openrouterTools });
    const user_location = { type: "approximate", country: "NL", city: "Delft" };
    const message = await answerWith(
      at,
      "openrouter/search.sse",
      search({}, { type: "web_search_20990101", blocked_domains: ["spam.example.com"], user_location }),
    );
    expect(lastBody(at)).toMatchObject({
      tools: [
        {
          type: "openrouter:web_search",
          parameters: { max_uses: 8, excluded_domains: ["spam.example.com"], user_location },
        },
      ],
      tool_choice: { type: "openrouter:web_search" },
    });
    expect<unknown>(message.content).toEqual([
      said(bunText, [
        cites(
          "https://bun.sh/blog/bun-v1.4",
          "Bun v1.4",
          "Bun 1.4 was released on 7 October.\n[...]\nIt is faster.",
        ),
        cites("https://news.example.com/bun", "Bun gets faster", "The runtime was released this week."),
      ]),
      searched(query),
      found(...bunPages),
    ]);
    expect(message.stop_reason).toBe("end_turn");
    expect(message.usage).toMatchObject({
      input_tokens: 4210,
      output_tokens: 61,
      server_tool_use: { web_search_requests: 2, web_fetch_requests: 0 },
    });
    expect(at.log.join("\n")).not.toContain("left out");
  });

  test("pages that the client's domain lists exclude are not shown", async () => {
    const at = await start({ backend: "openrouter", extensions: openrouterTools });
    for (const domains of [{ blocked_domains: ["example.com"] }, { allowed_domains: ["bun.sh/blog"] }]) {
      const message = await answerWith(at, "openrouter/search.sse", search({}, domains));
      expect<unknown>(message.content.at(-1)).toEqual(found(bunPages[0] ?? {}));
      expect(JSON.stringify(message)).not.toContain("news.example.com");
    }
    expect(lastBody(at).tools?.[0]?.parameters).toMatchObject({ allowed_domains: ["bun.sh/blog"] });
  });

  test("the model decides when other tools are offered too, and can call those", async () => {
    const at = await start({ backend: "openrouter", extensions: openrouterTools });
    at.upstream.follow(toolCalls([{ name: "save", arguments: { note: "x" } }]));
    const save = { name: "save", description: "Saves", input_schema: { type: "object", properties: {} } };
    const fetch = { type: "web_fetch_20250910", name: "web_fetch", max_uses: 2, allowed_domains: ["bun.sh"] };
    const request = ask({ tools: [save, tool, fetch], stream: true });
    const message = foldMessage(checkStream(await (await at.post(request)).text()));
    expect(message).toMatchObject({ content: [{ type: "tool_use", name: "save" }], stop_reason: "tool_use" });
    const { tools, tool_choice } = lastBody(at);
    expect(tools?.map(({ type }) => type)).toEqual([
      "function",
      "openrouter:web_search",
      "openrouter:web_fetch",
    ]);
    expect(tools?.[2]?.parameters).toEqual({ max_uses: 2, allowed_domains: ["bun.sh"] });
    expect(tool_choice).toBeUndefined();
    // No search happened, so none is reported.
    expect(message.usage.server_tool_use).toBeUndefined();
  });

  test("a search among other tools shows its results", async () => {
    const at = await start({ backend: "openrouter", extensions: openrouterTools });
    const save = { name: "save", input_schema: { type: "object", properties: {} } };
    const message = await answerWith(
      at,
      "openrouter/search.sse",
      ask({ tools: [tool, save], messages: [{ role: "user", content: "News of Bun?" }] }),
    );
    expect<unknown>(message.content.slice(1)).toEqual([searched("News of Bun?"), found(...bunPages)]);
  });

  test("tool_choice none means no search", async () => {
    const at = await start({ backend: "openrouter", extensions: openrouterTools });
    await answerWith(at, "openrouter/text.sse", search({ tool_choice: { type: "none" } }));
    expect(lastBody(at).tools).toBeUndefined();
  });

  test("pages of an earlier search go back as text", async () => {
    const at = await start({ backend: "openrouter", extensions: openrouterTools });
    const first = await answerWith(at, "openrouter/search.sse", search());
    await answerWith(
      at,
      "openrouter/text.sse",
      search({
        messages: [
          { role: "user", content: asked },
          { role: "assistant", content: first.content },
          { role: "user", content: "And 1.5?" },
        ],
      }),
    );
    expect(lastBody(at).messages.map(({ content }) => content)).toEqual([
      asked,
      `${bunText}\n<web_search query="${query}" />\n\n<web_search_results>\n${[
        "- [Bun v1.4](https://bun.sh/blog/bun-v1.4)",
        "  Bun 1.4 was released on 7 October. [...] It is faster.",
        "- [Bun gets faster](https://news.example.com/bun)",
        "  The runtime was released this week.",
      ].join("\n")}\n</web_search_results>\n`,
      "And 1.5?",
    ]);
  });
});

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

type Answer = Pick<NewestSdk.Message, "content">;
/** What the two SDKs have in common. */
type Client = {
  readonly messages: {
    create(params: NewestSdk.MessageCreateParamsNonStreaming): PromiseLike<Answer>;
    stream(params: NewestSdk.MessageCreateParamsNonStreaming): { finalMessage(): Promise<Answer> };
  };
};
const connect = (client: Client): Client => client;

describe("Anthropic's SDKs", () => {
  test.each([
    ["SDK 1", (baseURL: string) => connect(new NewestSdk({ baseURL, apiKey: "any" }))],
    ["SDK 0", (baseURL: string) => connect(new OlderSdk({ baseURL, apiKey: "any" }))],
  ])("%s: a stream and a message show the same", async (_, client) => {
    const at = await start({ backend: "openrouter", extensions: openrouterTools });
    const bytes = await Bun.file(`${folder}openrouter/search.sse`).bytes();
    at.upstream.follow(raw(bytes, { splitEvery: 301, headers: { "content-type": "text/event-stream" } }));
    const { messages } = client(at.url);
    const params = {
      model: "claude-opus-5-5",
      max_tokens: 100,
      messages: [{ role: "user" as const, content: asked }],
      tools: [{ type: "web_search_20250305" as const, name: "web_search" as const, max_uses: 3 }],
    };
    const streamed = await messages.stream(params).finalMessage();
    const whole = await messages.create(params);
    expect(withoutIds(streamed)).toMatchObject(withoutIds(whole));
    const [words, call, result] = whole.content;
    expect(words).toMatchObject({ type: "text", citations: [{ title: "Bun v1.4" }, {}] });
    expect(call).toMatchObject({ type: "server_tool_use", input: { query } });
    expect(result).toMatchObject({ type: "web_search_tool_result", content: [{}, {}] });
  });
});

test("Vercel's AI SDK reads the search and its citations as sources", async () => {
  const at = await start({ backend: "openrouter", extensions: openrouterTools });
  const bytes = await Bun.file(`${folder}openrouter/search.sse`).bytes();
  at.upstream.follow(raw(bytes, { splitEvery: 301, headers: { "content-type": "text/event-stream" } }));
  const anthropic = createAnthropic({ baseURL: `${at.url}/v1`, apiKey: "any" });
  const question = {
    model: anthropic("claude-opus-5-5"),
    prompt: asked,
    tools: { web_search: anthropic.tools.webSearch_20250305({ maxUses: 3 }) },
  };
  const whole = await generateText(question);
  const stream = streamText(question);
  const sources = [await stream.sources, whole.sources].map((list) =>
    list.flatMap((source) => (source.sourceType === "url" ? [source.url] : [])),
  );
  expect(new Set(sources[0])).toEqual(new Set(bunPages.map(({ url }) => url)));
  expect(new Set(sources[1])).toEqual(new Set(sources[0]));
  expect([await stream.text, whole.text]).toEqual([bunText, bunText]);
  expect(whole.toolResults).toMatchObject([{ toolName: "web_search", output: [{ title: "Bun v1.4" }, {}] }]);
});
