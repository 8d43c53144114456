import { afterEach, describe, expect, test } from "bun:test";
import OpenAI from "openai";
import {
  chunks,
  contentChunk,
  createGate,
  cut,
  encodeChunk,
  type FakeUpstream,
  hang,
  held,
  inOrder,
  json,
  raw,
  reasoning,
  type Script,
  startFakeUpstream,
  status,
  text,
  toolCalls,
  type UpstreamOptions,
  upstreamKey,
} from "./fake-upstream.ts";

let upstream: FakeUpstream | undefined;
afterEach(() => upstream?.close());

async function start(script: Script, options: UpstreamOptions = {}): Promise<FakeUpstream> {
  upstream = await startFakeUpstream(script, options);
  return upstream;
}

const user = { role: "user", content: "Hi" } as const;
const question = { model: "m", messages: [user] };
const tool = {
  type: "function" as const,
  function: { name: "read", parameters: { type: "object", properties: {} } },
} satisfies OpenAI.ChatCompletionTool;

function ask(body: unknown, init: RequestInit = {}): Promise<Response> {
  return fetch(`${upstream?.url}/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${upstreamKey}` },
    body: typeof body === "string" ? body : JSON.stringify(body),
    ...init,
  });
}

const called = (...ids: string[]) => ({
  role: "assistant",
  content: null,
  tool_calls: ids.map((id) => ({ id, type: "function", function: { name: "read", arguments: "{}" } })),
});
const answered = (tool_call_id: string) => ({ role: "tool", tool_call_id, content: "done" });
const functionTool = (name: string, more: object = {}) => ({
  type: "function",
  function: { ...tool.function, name, ...more },
});
const badCall = {
  role: "assistant",
  content: null,
  tool_calls: [{ id: "a", type: "function", function: { name: "read", arguments: "" } }],
};

describe("refuses", () => {
  const refused: [what: string, change: object, param: string][] = [
    ["an unknown role", { messages: [{ role: "narrator", content: "x" }] }, "messages[0].role"],
    [
      "an unknown part",
      { messages: [{ role: "user", content: [{ type: "video", url: "x" }] }] },
      "messages[0].content[0].type",
    ],
    ["empty messages", { messages: [] }, "messages"],
    ["empty content", { messages: [{ role: "user", content: [] }] }, "messages[0].content"],
    ["a missing model", { model: undefined }, "model"],
    ["empty tools", { tools: [] }, "tools"],
    ["tool_choice without tools", { tool_choice: "auto" }, "tool_choice"],
    [
      "a tool_choice of a missing tool",
      { tools: [tool], tool_choice: { type: "function", function: { name: "write" } } },
      "tool_choice",
    ],
    ["parallel_tool_calls without tools", { parallel_tool_calls: false }, "parallel_tool_calls"],
    ["stream_options without stream", { stream_options: { include_usage: true } }, "stream_options"],
    ["a long function name", { tools: [functionTool("x".repeat(65))] }, "tools[0].function.name"],
    ["a function name with a dot", { tools: [functionTool("a.b")] }, "tools[0].function.name"],
    [
      "parameters that are not an object",
      { tools: [functionTool("a", { parameters: {} })] },
      "tools[0].function.parameters.type",
    ],
    ["two tools of the same name", { tools: [tool, tool] }, "tools"],
    ["an orphan tool message", { messages: [user, answered("a")] }, "messages[1].tool_call_id"],
    ["a tool message after another message", { messages: [called("a"), user, answered("a")] }, "messages[1]"],
    ["an unanswered call", { messages: [called("a", "b"), answered("a"), user] }, "messages[2]"],
    ["an unanswered last call", { messages: [user, called("a")] }, "messages[2]"],
    ["two answers", { messages: [called("a"), answered("a"), answered("a")] }, "messages[2].tool_call_id"],
    ["two calls with the same id", { messages: [called("a", "a"), answered("a")] }, "messages[0].tool_calls"],
    [
      "an id that is used again",
      { messages: [called("a"), answered("a"), called("a"), answered("a")] },
      "messages[2].tool_calls",
    ],
    [
      "an id of 41 letters",
      { messages: [called("x".repeat(41)), answered("x".repeat(41))] },
      "messages[0].tool_calls[0].id",
    ],
    [
      "arguments that are not JSON",
      { messages: [badCall, answered("a")] },
      "messages[0].tool_calls[0].function.arguments",
    ],
    [
      "null content without calls",
      { messages: [{ role: "assistant", content: null }] },
      "messages[0].content",
    ],
    [
      "an image in a tool message",
      {
        messages: [
          called("a"),
          {
            role: "tool",
            tool_call_id: "a",
            content: [{ type: "image_url", image_url: { url: "https://a/b" } }],
          },
        ],
      },
      "messages[1].content[0].type",
    ],
    ["both token limits", { max_tokens: 1, max_completion_tokens: 1 }, "max_tokens"],
    ["a fractional token limit", { max_tokens: 1.5 }, "max_tokens"],
    ["a token limit of zero", { max_completion_tokens: 0 }, "max_completion_tokens"],
    ["five stop sequences", { stop: ["a", "b", "c", "d", "e"] }, "stop"],
    ["an unknown field", { top_k: 5 }, "top_k"],
    ["an unknown field in a message", { messages: [{ ...user, mood: "fine" }] }, "messages[0].mood"],
    ["an unknown effort", { reasoning_effort: "extreme" }, "reasoning_effort"],
    [
      "system and developer messages together",
      { messages: [{ role: "system", content: "x" }, { role: "developer", content: "y" }, user] },
      "messages",
    ],
  ];

  test.each(refused)("%s", async (_, change, param) => {
    const { requests } = await start(text("never"));
    const response = await ask({ ...question, ...change });
    expect(response.status).toBe(400);
    const message = requests[0]?.refused;
    expect(await response.json()).toEqual({
      error: { type: "invalid_request_error", message, param, code: null },
    });
  });

  test("a wrong key, a body that is not JSON, an unknown path", async () => {
    const { url } = await start(text("never"));
    const headers = { "content-type": "application/json", authorization: "Bearer wrong" };
    expect((await ask(question, { headers })).status).toBe(401);
    expect((await fetch(`${url}/models`)).status).toBe(401);
    expect((await ask("{")).status).toBe(400);
    const authorization = `Bearer ${upstreamKey}`;
    expect((await fetch(`${url}/nope`, { headers: { authorization } })).status).toBe(404);
  });
});

describe("accepts", () => {
  test("a whole conversation with calls, images and all common options", async () => {
    await start(text("Fine"));
    const response = await ask({
      model: "m",
      messages: [
        { role: "system", content: [{ type: "text", text: "Be brief" }] },
        {
          role: "user",
          content: [
            { type: "text", text: "Look" },
            { type: "image_url", image_url: { url: "data:image/png;base64,aGk=" } },
            { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,aGk=" } },
          ],
        },
        called("a", "b"),
        answered("b"),
        answered("a"),
        { role: "assistant", content: "Done" },
        user,
      ],
      tools: [tool],
      tool_choice: { type: "function", function: { name: "read" } },
      parallel_tool_calls: false,
      max_completion_tokens: 100,
      stop: ["END"],
      stream: true,
      stream_options: { include_usage: true },
    });
    expect([response.status, (await response.text()).endsWith("data: [DONE]\n\n")]).toEqual([200, true]);
  });

  test("configured extensions, and the key in the other header", async () => {
    await start(text("Fine"), {
      extensions: ["top_k", "reasoning_content", "cache_control"],
      auth: "api-key",
    });
    const parts = [{ type: "text", text: "x", cache_control: { type: "ephemeral" } }];
    const messages = [
      { role: "system", content: parts },
      { ...called("a"), reasoning_content: "" },
      answered("a"),
    ];
    const headers = { "content-type": "application/json", "api-key": upstreamKey };
    expect((await ask({ ...question, messages, top_k: 5 }, { headers })).status).toBe(200);
  });
});

describe("search options", () => {
  const searching = ["openrouter:web_search", "web_search", "search_domain_filter", "search_options"];
  const refused: readonly (readonly [string, object, readonly string[]])[] = [
    ["a server tool that is not enabled", { tools: [{ type: "openrouter:web_search" }] }, []],
    ["a choice of a server tool", { tool_choice: { type: "openrouter:web_search" } }, searching],
    [
      "an unknown parameter of a server tool",
      { tools: [{ type: "openrouter:web_search", parameters: { blocked_domains: ["a.com"] } }] },
      searching,
    ],
    ["an empty search object", { tools: [{ type: "web_search" }] }, searching],
    ["domains of both kinds", { search_domain_filter: ["a.com", "-b.com"] }, searching],
    ["too many domains", { search_options: { assigned_site_list: Array(26).fill("a.com") } }, searching],
    ["OpenAI's options for a model that does not search", { web_search_options: {} }, []],
    ["xAI's options, which were removed", { search_parameters: { mode: "on" } }, searching],
  ];
  test.each(refused)("are refused: %s", async (_, fields, extensions) => {
    await start(text("Fine"), { extensions });
    expect((await ask({ ...question, ...fields })).status).toBe(400);
  });

  test("are accepted where they are enabled", async () => {
    await start(text("Fine"), { extensions: searching });
    const tools = [{ type: "openrouter:web_search", parameters: { max_uses: 1 } }];
    expect((await ask({ ...question, tools, tool_choice: { type: tools[0]?.type } })).status).toBe(200);
    const model = "gpt-5-search-api";
    expect((await ask({ ...question, model, web_search_options: {} })).status).toBe(200);
  });
});

describe("the official client", () => {
  const answer = inOrder(
    reasoning("Think first"),
    text("Reading both — 😀"),
    toolCalls([
      { name: "read", arguments: { path: "a" } },
      { id: "call_second", name: "read", arguments: '{"path":"ü"}' },
    ]),
  );
  const tool_calls = [
    { id: "call_fake_0", type: "function", function: { name: "read", arguments: '{"path":"a"}' } },
    { id: "call_second", type: "function", function: { name: "read", arguments: '{"path":"ü"}' } },
  ];
  const connect = ({ url }: FakeUpstream) => new OpenAI({ baseURL: url, apiKey: upstreamKey, maxRetries: 0 });

  test("reads an answer in one piece", async () => {
    const client = connect(await start(answer));
    const completion = await client.chat.completions.create({ ...question, tools: [tool] });
    expect(completion.choices[0]).toMatchObject({
      finish_reason: "tool_calls",
      message: { content: "Reading both — 😀", reasoning_content: "Think first", tool_calls },
    });
    expect(completion.usage?.total_tokens).toBe(15);
  });

  test("reads the same answer as a stream, with usage only when asked for", async () => {
    const client = connect(await start(answer));
    const asked = { ...question, tools: [tool], stream: true as const };
    const stream = client.chat.completions.stream({ ...asked, stream_options: { include_usage: true } });
    const completion = await stream.finalChatCompletion();
    expect(completion.choices[0]).toMatchObject({
      finish_reason: "tool_calls",
      message: { content: "Reading both — 😀", tool_calls },
    });
    expect(completion.usage?.total_tokens).toBe(15);
    expect((await client.chat.completions.stream(asked).finalChatCompletion()).usage).toBeUndefined();
  });

  test("lists the models and reads errors", async () => {
    const client = connect(await start([status(429, undefined, { "retry-after": "7" })]));
    expect((await client.models.list()).data.map(({ id }) => id)).toEqual(["fake-model"]);
    const fail = () => client.chat.completions.create(question).catch((error: unknown) => error);
    const failure = await fail();
    if (!(failure instanceof OpenAI.RateLimitError)) throw new Error(`Expected a 429, got ${failure}`);
    expect(failure.headers?.get("retry-after")).toBe("7");
    expect(String(await fail())).toContain("script is exhausted");
  });
});

describe("plays", () => {
  test("a silence until its gate opens, after the headers and in the stream", async () => {
    const [headers, middle] = [createGate(), createGate()];
    await start(held(headers, chunks([contentChunk("one"), middle, contentChunk("two")])));
    const pending = ask({ ...question, stream: true });
    await upstream?.received(1);
    headers.open();
    const reader = (await pending).body?.getReader();
    const first = await reader?.read();
    expect(new TextDecoder().decode(first?.value)).toBe(encodeChunk(contentChunk("one")));
    middle.open();
    let rest = "";
    for (let read = await reader?.read(); read?.value; read = await reader?.read()) {
      rest += new TextDecoder().decode(read.value);
    }
    expect(rest).toBe(`${encodeChunk(contentChunk("two"))}data: [DONE]\n\n`);
    expect((await upstream?.lastChat().ended)?.kind).toBe("complete");
  });

  test("raw bytes, split as configured", async () => {
    await start(raw("data: ü\n\n", { splitEvery: 1, delayMs: 0, headers: { "x-generation": "7" } }));
    const response = await ask(question);
    expect([await response.text(), response.headers.get("x-generation")]).toEqual(["data: ü\n\n", "7"]);
  });

  test("bodies of any status", async () => {
    await start([status(502, "<h1>Bad gateway</h1>"), json([{ error: {} }], 200)]);
    const response = await ask(question);
    expect([response.status, await response.text()]).toEqual([502, "<h1>Bad gateway</h1>"]);
    expect(await (await ask(question)).json()).toEqual([{ error: {} }]);
  });

  test("a broken connection, before and after the headers", async () => {
    const { requests } = await start([cut("before-headers"), cut("data: {}\n\n")]);
    expect(String(await ask(question).catch(String))).toContain("ECONNRESET");
    await requests[0]?.ended;
    const response = await ask(question);
    expect(await response.text().catch(String)).toContain("ECONNRESET");
    expect((await upstream?.lastChat().ended)?.kind).toBe("cut");
  });

  test.each(["before-headers", "after-headers", "after-first-chunk"] as const)(
    "silence %s, and notes that the client left",
    async (point) => {
      const { received } = await start(hang(point));
      const controller = new AbortController();
      const pending = ask(question, { signal: controller.signal }).then(({ body }) =>
        body?.getReader().read(),
      );
      const request = await received(1);
      if (point === "after-first-chunk") await pending;
      expect(request.outcome()).toBeUndefined();
      controller.abort();
      await pending.catch(() => {});
      expect((await request.ended).kind).toBe("aborted");
    },
  );
});
