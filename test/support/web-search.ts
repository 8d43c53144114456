/** Web searches: how a client asks for them, and what it should get. */
import { afterEach, expect } from "bun:test";
import { z } from "zod";
import type { BackendName } from "../../src/catalog/backends/known-backends.ts";
import { json, raw, text } from "./fake-upstream.ts";
import { checkStream, foldMessage } from "./grammar.ts";
import { ask, startProxy, type TestProxy } from "./proxy.ts";

export const searchFolder = `${import.meta.dir}/../fixtures/openai-chat/`;

type SearchStart = { backend: BackendName; model?: string; extensions?: string[]; models?: string[] };

function startSearching({
  backend,
  model = "big-model",
  extensions = [],
  models,
}: SearchStart): Promise<TestProxy> {
  const data = (models ?? []).map((id) => ({ id }));
  return startProxy(text("unused"), {
    config: { backend: { name: backend, protocol: "chat" }, models: { big: model } },
    upstream: { extensions, models: models ? json({ data }) : json({ error: { message: "None" } }, 404) },
  });
}

/** Starts a proxy in a test, and closes it after the test. */
export function proxyForSearches(): (options: SearchStart) => Promise<TestProxy> {
  let proxy: TestProxy | undefined;
  afterEach(() => proxy?.close());
  return async (options) => {
    proxy = await startSearching(options);
    return proxy;
  };
}

export const tool = { type: "web_search_20250305", name: "web_search", max_uses: 8 };
export const asked = "Perform a web search for the query: when did Bun 1.4 come out";

/** As Claude Code's WebSearch asks; older versions force the call. */
export const search = (changes: object = {}, toolChanges: object = {}) =>
  ask({
    messages: [{ role: "user", content: asked }],
    tools: [{ ...tool, ...toolChanges }],
    tool_choice: { type: "tool", name: "web_search" },
    ...changes,
  });

export async function answerWith(at: TestProxy, file: string, request: Record<string, unknown>) {
  const bytes = await Bun.file(searchFolder + file).bytes();
  const type = file.endsWith(".sse") ? "text/event-stream" : "application/json";
  at.upstream.follow(raw(bytes, { splitEvery: 97, headers: { "content-type": type } }));
  const stream = await at.post({ ...request, stream: true });
  const streamed = foldMessage(checkStream(await stream.text()));
  const whole = await at.post(request);
  const message = await whole.json();
  expect(withoutIds(message)).toEqual(withoutIds(streamed));
  return streamed;
}

export function withoutIds(message: unknown): Record<string, unknown> {
  return JSON.parse(JSON.stringify(message).replace(/"(msg|srvtoolu)_\w+"/g, '"$1"'));
}

export const page = (url: string, title: string, encrypted_content = "", page_age: string | null = null) => ({
  type: "web_search_result",
  url,
  title,
  encrypted_content,
  page_age,
});
export const found = (...content: object[]) => ({
  type: "web_search_tool_result",
  tool_use_id: expect.stringMatching(/^srvtoolu_/),
  caller: { type: "direct" },
  content,
});
export const searched = (query: string) => ({
  type: "server_tool_use",
  id: expect.stringMatching(/^srvtoolu_/),
  name: "web_search",
  input: { query },
  caller: { type: "direct" },
});
export const said = (text: string, citations: object[] | null = null) => ({ type: "text", text, citations });
export const cites = (url: string, title: string, cited_text = "") => ({
  type: "web_search_result_location",
  url,
  title,
  cited_text,
  encrypted_index: "",
});
export const query = "when did Bun 1.4 come out";

const body = z.looseObject({
  model: z.string(),
  tools: z.array(z.looseObject({ type: z.string() })).optional(),
  tool_choice: z.unknown().optional(),
  stream: z.boolean(),
  messages: z.array(z.looseObject({ content: z.unknown() })),
});
export const lastBody = (at: TestProxy) => body.parse(at.upstream.lastChat().body);

export const bunPages = [
  page(
    "https://bun.sh/blog/bun-v1.4",
    "Bun v1.4",
    "Bun 1.4 was released on 7 October.\n[...]\nIt is faster.",
  ),
  page("https://news.example.com/bun", "Bun gets faster", "The runtime was released this week."),
];
export const bunText = "Bun 1.4 came out in October ([bun.sh](https://bun.sh/blog/bun-v1.4)).";
export const openrouterTools = ["openrouter:web_search", "openrouter:web_fetch", "session_id"];
