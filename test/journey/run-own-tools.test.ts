/** Tools that the proxy runs itself: the model calls them, and the client sees them as Anthropic's server tools. */
import { afterEach, describe, expect, test } from "bun:test";
import Anthropic from "@anthropic-ai/sdk";
import { z } from "zod";
import {
  chunks,
  contentChunk,
  createGate,
  type FakeCall,
  type FakeReply,
  finishChunk,
  inOrder,
  status,
  text,
  toolCalls,
} from "../support/fake-upstream.ts";
import { checkStream, foldMessage } from "../support/grammar.ts";
import { ask, startProxy, type TestProxy } from "../support/proxy.ts";
import type { ConfigChanges } from "../support/write-variables.ts";

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function start(config: ConfigChanges = {}): Promise<TestProxy> {
  const proxy = await startProxy(status(500), { config });
  open.push(proxy);
  return proxy;
}

const tool = (name: string, description: string, more: object = {}) => ({
  name,
  description,
  input_schema: { type: "object", properties: { city: { type: "string", description: "Where it is" } } },
  ...more,
});
const later = (name: string, description: string) => tool(name, description, { defer_loading: true });
const deferred = [
  later("get_weather", "The weather of a city"),
  later("send_message", "Sends a message to a channel"),
  ...Array.from({ length: 58 }, (_, i) => later(`job_${i}`, `Runs job ${i}`)),
];
const regex = { type: "tool_search_tool_regex_20251119", name: "tool_search_tool_regex" };
const bm25 = { type: "tool_search_tool_bm25_20251119", name: "tool_search_tool_bm25" };
const plain = tool("note", "Takes a note");
const asked = { role: "user", content: "What is the weather in Rome?" };

const searchFor = (pattern: string, id = "call_1"): FakeCall => ({
  id,
  name: regex.name,
  arguments: { pattern },
});

const chat = z.looseObject({
  messages: z.array(z.looseObject({ role: z.string(), content: z.unknown() })),
  tools: z.array(z.looseObject({ function: z.looseObject({ name: z.string() }) })).default([]),
  tool_choice: z.unknown().optional(),
});
const chats = (proxy: TestProxy) =>
  proxy.upstream.requests.flatMap(({ body }) => (body === undefined ? [] : [chat.parse(body)]));
const namesOf = ({ tools }: z.infer<typeof chat>) => tools.map((one) => one.function.name);

const maxTokensOf = (body: unknown) =>
  z.looseObject({ max_tokens: z.number() }).safeParse(body).data?.max_tokens ?? [];

/** One answer, streamed and checked. */
async function stream(proxy: TestProxy, replies: readonly FakeReply[], body: Record<string, unknown>) {
  proxy.upstream.follow(replies);
  const response = await proxy.post(ask({ messages: [asked], ...body, stream: true }));
  return foldMessage(checkStream(await response.text()));
}

const server = (name: string, input: object) => ({
  type: "server_tool_use",
  id: expect.stringMatching(/^srvtoolu_/),
  name,
  input,
  caller: { type: "direct" },
});
const loaded = (...names: string[]) => ({
  type: "tool_search_tool_result",
  tool_use_id: expect.stringMatching(/^srvtoolu_/),
  content: {
    type: "tool_search_tool_search_result",
    tool_references: names.map((tool_name) => ({ type: "tool_reference", tool_name })),
  },
});

describe("a search among tools", () => {
  const tools = [regex, plain, ...deferred];
  const searchThenCall = [
    inOrder(text("Let me look. "), toolCalls([searchFor("weather")])),
    toolCalls([{ id: "call_weather", name: "get_weather", arguments: { city: "Rome" } }]),
  ];

  test("loads what it finds, within one answer", async () => {
    const proxy = await start();
    const message = await stream(proxy, searchThenCall, { tools });
    expect<unknown>(message.content).toEqual([
      { type: "text", text: "Let me look. ", citations: null },
      server(regex.name, { pattern: "weather" }),
      loaded("get_weather"),
      { type: "tool_use", id: "call_weather", name: "get_weather", input: { city: "Rome" } },
    ]);
    expect(message.stop_reason).toBe("tool_use");
    const [first, second] = chats(proxy);
    expect(first && namesOf(first)).toEqual([regex.name, "note"]);
    expect(second && namesOf(second)).toEqual([regex.name, "note", "get_weather"]);
    expect(second?.tools.slice(0, 2)).toEqual(first?.tools ?? []);
    expect(second?.messages.slice(1)).toMatchObject([
      { role: "assistant", tool_calls: [{ function: { name: regex.name } }] },
      { role: "tool", content: "The tool get_weather is loaded and can be called now" },
    ]);
  });

  test("the next turn begins with exactly what the model has read, and the tools stay loaded", async () => {
    const proxy = await start();
    const { content } = await stream(proxy, searchThenCall, { tools });
    const messages = [
      asked,
      { role: "assistant", content },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "call_weather", content: "Sunny" }] },
    ];
    const searchAgain = [toolCalls([searchFor("^send", "call_3")]), text("It is sunny.")];
    const next = await stream(proxy, searchAgain, { tools, messages });
    const [, before, after, last] = chats(proxy);
    expect(after?.messages.slice(0, before?.messages.length)).toEqual(before?.messages ?? []);
    expect(after?.tools).toEqual(before?.tools ?? []);
    expect(last && namesOf(last)).toEqual([regex.name, "note", "get_weather", "send_message"]);
    expect(next.content.at(-1)).toMatchObject({ text: "It is sunny." });
  });

  test("without a stream it is the same answer", async () => {
    const proxy = await start();
    proxy.upstream.follow(searchThenCall);
    const response = await proxy.post(ask({ messages: [asked], tools }));
    expect(await response.json()).toMatchObject({
      content: [
        { type: "text" },
        { name: regex.name, input: { pattern: "weather" } },
        loaded("get_weather"),
        {},
      ],
      stop_reason: "tool_use",
    });
  });

  test("the official SDK reads it, and its types fit", async () => {
    const proxy = await start();
    proxy.upstream.follow([
      toolCalls([{ name: bm25.name, arguments: { query: "weather of a city" } }]),
      text("ok"),
    ]);
    const client = new Anthropic({ baseURL: proxy.url, apiKey: "x", maxRetries: 0 });
    const message = await client.messages
      .stream({
        model: "claude-opus-5-5",
        max_tokens: 100,
        messages: [{ role: "user", content: "Hi" }],
        tools: [
          { type: "tool_search_tool_bm25_20251119", name: "tool_search_tool_bm25" },
          { name: "get_weather", input_schema: { type: "object" }, defer_loading: true },
        ],
      })
      .finalMessage();
    const found = message.content.flatMap((block) =>
      block.type === "tool_search_tool_result" && block.content.type === "tool_search_tool_search_result"
        ? block.content.tool_references.map(({ tool_name }) => tool_name)
        : [],
    );
    expect(found).toEqual(["get_weather"]);
  });

  test("in words finds by names, descriptions and arguments", async () => {
    const proxy = await start();
    const replies = [
      toolCalls([{ name: bm25.name, arguments: { query: "post a message in a channel" } }]),
      text("ok"),
    ];
    const message = await stream(proxy, replies, { tools: [bm25, ...deferred] });
    expect<unknown>(message.content).toContainEqual(loaded("send_message"));
  });

  test.each([
    ["(?=a)", "invalid_tool_input", "Lookahead"],
    ["a".repeat(201), "invalid_tool_input", "at most 200 characters"],
    [`${"(a|b|c|d|e|.)*".repeat(12)}X`, "execution_time_exceeded", "took too long"],
  ])("that cannot be made is an error for the model: %p", async (pattern, error_code, words) => {
    const proxy = await start();
    const long = later("long", "abcde ".repeat(20_000));
    const message = await stream(proxy, [toolCalls([searchFor(pattern)]), text("Sorry.")], {
      tools: [regex, long],
    });
    expect<unknown>(message.content[1]).toMatchObject({
      content: {
        type: "tool_search_tool_result_error",
        error_code,
        error_message: expect.stringContaining(words),
      },
    });
    expect(JSON.stringify(chats(proxy).at(-1)?.messages.at(-1))).toContain(words);
  });

  test("that finds nothing tells the model so", async () => {
    const proxy = await start();
    const message = await stream(proxy, [toolCalls([searchFor("zebra")]), text("No.")], { tools });
    expect<unknown>(message.content[1]).toEqual(loaded());
    expect(JSON.stringify(chats(proxy).at(-1)?.messages.at(-1))).toContain("No tool was found");
  });

  test("is asked for at most five times; then the client may go on", async () => {
    const proxy = await start();
    const endless = Array.from({ length: 9 }, (_, i) => toolCalls([searchFor(`job_${i}$`, `call_${i}`)]));
    const message = await stream(proxy, endless, { tools });
    expect(chats(proxy)).toHaveLength(6);
    expect(message.stop_reason).toBe("pause_turn");
    expect(message.content.filter(({ type }) => type === "tool_search_tool_result")).toHaveLength(5);
    const messages = [asked, { role: "assistant", content: message.content }];
    const next = await stream(proxy, [text("Done.")], { tools, messages });
    expect(next).toMatchObject({ content: [{ text: "Done." }], stop_reason: "end_turn" });
    const [before, after] = chats(proxy).slice(-2);
    expect(after?.messages).toEqual(before?.messages ?? []);
  });

  test("next to a call of the client's ends the turn, with its result before that call", async () => {
    const proxy = await start();
    const both = toolCalls([
      searchFor("weather"),
      { id: "call_note", name: "note", arguments: { city: "x" } },
    ]);
    const message = await stream(proxy, [both], { tools });
    expect(message.content.map(({ type }) => type)).toEqual([
      "server_tool_use",
      "tool_search_tool_result",
      "tool_use",
    ]);
    expect(message.stop_reason).toBe("tool_use");
    const results = [{ type: "tool_result", tool_use_id: "call_note", content: "noted" }];
    const messages = [
      asked,
      { role: "assistant", content: message.content },
      { role: "user", content: results },
    ];
    await stream(proxy, [text("ok")], { tools, messages });
    expect(
      chats(proxy)
        .at(-1)
        ?.messages.map(({ role }) => role),
    ).toEqual(["user", "assistant", "tool", "assistant", "tool"]);
  });

  test("between a call of the client's and more text leaves the client's result in its place", async () => {
    const proxy = await start();
    const note = toolCalls([
      { id: "call_note", name: "note", arguments: { city: "x" } },
      searchFor("weather"),
    ]);
    const { content } = await stream(proxy, [inOrder(note, text("Wait."), toolCalls([]))], { tools });
    expect(content.map(({ type }) => type)).toEqual([
      "tool_use",
      "server_tool_use",
      "tool_search_tool_result",
      "text",
    ]);
    const results = [{ type: "tool_result", tool_use_id: "call_note", content: "noted" }];
    const messages = [asked, { role: "assistant", content }, { role: "user", content: results }];
    await stream(proxy, [text("ok")], { tools, messages });
    expect(chats(proxy).at(-1)?.messages.slice(1)).toMatchObject([
      { role: "assistant", content: "Wait." },
      { role: "tool", content: "noted" },
      { role: "tool", content: expect.stringContaining("get_weather is loaded") },
    ]);
  });

  test("that is forced is forced once", async () => {
    const proxy = await start();
    const tool_choice = { type: "tool", name: regex.name };
    await stream(proxy, [toolCalls([searchFor("weather")]), text("ok")], { tools, tool_choice });
    expect(chats(proxy).map((one) => one.tool_choice)).toEqual([
      { type: "function", function: { name: regex.name } },
      undefined,
    ]);
  });

  test("text arrives before the search is over, and usage is the sum", async () => {
    const proxy = await start();
    const gate = createGate();
    const call = {
      index: 0,
      id: "call_1",
      type: "function",
      function: { name: regex.name, arguments: '{"pattern":"weather"}' },
    };
    const usage = (prompt_tokens: number) => ({
      choices: [],
      usage: { prompt_tokens, completion_tokens: 3, total_tokens: prompt_tokens + 3 },
    });
    const calling = {
      ...contentChunk(""),
      choices: [{ index: 0, delta: { tool_calls: [call] }, finish_reason: null }],
    };
    proxy.upstream.follow([
      chunks([contentChunk("First."), gate, calling, finishChunk("tool_calls"), usage(100)]),
      chunks([contentChunk("Last."), finishChunk("stop"), usage(140)]),
    ]);
    const response = await proxy.post(ask({ messages: [asked], tools, stream: true }));
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let sse = "";
    while (!sse.includes("First.")) sse += (await reader?.read())?.value ?? "";
    gate.open();
    for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) sse += read.value;
    const message = foldMessage(checkStream(sse));
    expect(message.usage).toMatchObject({ input_tokens: 240, output_tokens: 6 });
    expect(proxy.upstream.requests.flatMap(({ body }) => maxTokensOf(body))).toEqual([100, 97]);
  });

  test("a cut answer runs nothing, and a failure in between is one", async () => {
    const proxy = await start();
    const cut = { ...toolCalls([searchFor("weather")]), finish: "length" };
    const message = await stream(proxy, [cut], { tools });
    expect(message).toMatchObject({ content: [], stop_reason: "max_tokens" });
    proxy.upstream.follow([toolCalls([searchFor("weather")]), status(401)]);
    const response = await proxy.post(ask({ messages: [asked], tools, stream: true }));
    const events = checkStream(await response.text());
    expect(events.at(-1)).toMatchObject({ type: "error" });
  });

  test("only what is sent is counted", async () => {
    const proxy = await start();
    const count = async (body: object) => {
      const response = await fetch(`${proxy.url}/v1/messages/count_tokens`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ model: "claude-opus-5-5", messages: [asked], ...body }),
      });
      return z.object({ input_tokens: z.number() }).parse(await response.json()).input_tokens;
    };
    const all = await count({ tools: deferred.map(({ ...one }) => ({ ...one, defer_loading: false })) });
    expect(await count({ tools })).toBeLessThan(all / 4);
  });
});

describe("a web search next to other tools", () => {
  const search = { type: "web_search_20250305", name: "web_search", max_uses: 2 };
  const tools = [search, plain];
  const page = { title: "Bun 1.4", url: "https://bun.example.com/1.4", description: "It came out in May." };
  const lookUp = (query: string, id = "call_1") =>
    toolCalls([{ id, name: "web_search", arguments: query === "" ? {} : { query } }]);

  async function startSearching(answer: object = { web: { results: [page] } }, answerStatus = 200) {
    const queries: string[] = [];
    const service = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch(request) {
        queries.push(new URL(request.url).searchParams.get("q") ?? "");
        return Response.json(answer, { status: answerStatus });
      },
    });
    open.push({ close: () => service.stop(true) });
    const baseUrl = `http://127.0.0.1:${service.port}`;
    return { proxy: await start({ search: { api: "brave", key: "search-key", baseUrl } }), queries };
  }
  const found = (content: unknown) => ({
    type: "web_search_tool_result",
    tool_use_id: expect.stringMatching(/^srvtoolu_/),
    caller: { type: "direct" },
    content,
  });
  const fault = (error_code: string) => found({ type: "web_search_tool_result_error", error_code });

  test("is done by the operator's service when the model wants it", async () => {
    const { proxy, queries } = await startSearching();
    const message = await stream(proxy, [lookUp("bun 1.4"), text("In May.")], { tools });
    expect<unknown>(message.content).toEqual([
      server("web_search", { query: "bun 1.4" }),
      found([
        {
          type: "web_search_result",
          url: page.url,
          title: page.title,
          encrypted_content: page.description,
          page_age: null,
        },
      ]),
      { type: "text", text: "In May.", citations: null },
    ]);
    expect(queries).toEqual(["bun 1.4"]);
    expect(message.usage.server_tool_use?.web_search_requests).toBe(1);
    const [first, second] = chats(proxy);
    expect(first && namesOf(first)).toEqual(["web_search", "note"]);
    expect(JSON.stringify(second?.messages.at(-1))).toContain(page.description);
    const messages = [
      asked,
      { role: "assistant", content: message.content },
      { role: "user", content: "And?" },
    ];
    await stream(proxy, [text("ok")], { tools, messages });
    const third = chats(proxy).at(-1);
    expect(third?.messages.slice(0, second?.messages.length)).toEqual(second?.messages ?? []);
    expect(proxy.log.join("\n")).not.toContain("search-key");
    expect(proxy.log.join("\n")).not.toContain("left out tool web_search");
  });

  test("does not fetch pages, and the log names the tool that would", async () => {
    const { proxy } = await startSearching();
    const fetchTool = { type: "web_fetch_20250910", name: "web_fetch", max_uses: 3 };
    await stream(proxy, [text("ok")], { tools: [...tools, fetchTool] });
    const [first] = chats(proxy);
    expect(first && namesOf(first)).toEqual(["web_search", "note"]);
    expect(proxy.log.join("\n")).toContain("left out tool web_fetch, which this backend does not run");
  });

  test("is the only tool, and nobody insists", async () => {
    const { proxy } = await startSearching();
    const message = await stream(proxy, [lookUp("bun"), text("In May.")], { tools: [search] });
    expect(message.content.at(-1)).toMatchObject({ text: "In May." });
  });

  test("stops at max_uses, and at queries that are none", async () => {
    const { proxy, queries } = await startSearching();
    const replies = [lookUp("a", "call_1"), lookUp("b", "call_2"), lookUp("c", "call_3"), text("ok")];
    const message = await stream(proxy, replies, { tools });
    expect<unknown>(message.content).toContainEqual(fault("max_uses_exceeded"));
    expect(queries).toEqual(["a", "b"]);
    const strange = [lookUp(""), lookUp("x".repeat(1001), "call_2"), text("ok")];
    const { content } = await stream(proxy, strange, { tools });
    expect<unknown>(content).toContainEqual(fault("invalid_tool_input"));
    expect<unknown>(content).toContainEqual(fault("query_too_long"));
  });

  test("that fails is told to the model and the log, and the answer goes on", async () => {
    const { proxy } = await startSearching({ error: "no" }, 429);
    const message = await stream(proxy, [lookUp("a"), text("I could not search.")], { tools });
    expect<unknown>(message.content).toContainEqual(fault("unavailable"));
    expect(JSON.stringify(chats(proxy).at(-1)?.messages.at(-1))).toContain(
      "Present nothing as a search result",
    );
    expect(proxy.log.join("\n")).toContain("brave answered 429");
  });

  test("keeps to the client's domains", async () => {
    const { proxy, queries } = await startSearching();
    const limited = { ...search, allowed_domains: ["other.example"] };
    const message = await stream(proxy, [lookUp("a"), text("ok")], { tools: [limited, plain] });
    expect<unknown>(message.content).toContainEqual(found([]));
    expect(queries[0]).toContain("site:other.example");
  });

  test("works together with a search among tools", async () => {
    const { proxy } = await startSearching();
    const both = toolCalls([
      searchFor("weather"),
      { id: "call_2", name: "web_search", arguments: { query: "rome" } },
    ]);
    const message = await stream(proxy, [both, text("ok")], { tools: [search, regex, ...deferred] });
    expect(message.content.map(({ type }) => type)).toEqual([
      "server_tool_use",
      "tool_search_tool_result",
      "server_tool_use",
      "web_search_tool_result",
      "text",
    ]);
  });
});
