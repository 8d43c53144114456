/** Searches with OpenRouter's server tools, and what the client libraries make of the answer. */
import { describe, expect, test } from "bun:test";
import { createAnthropic } from "@ai-sdk/anthropic";
import NewestSdk from "@anthropic-ai/sdk";
import { generateText, streamText } from "ai";
import OlderSdk from "anthropic-sdk-0";
import { raw, toolCalls } from "../support/fake-upstream.ts";
import { checkStream, foldMessage } from "../support/grammar.ts";
import { ask } from "../support/proxy.ts";
import {
  answerWith,
  asked,
  bunPages,
  bunText,
  cites,
  found,
  lastBody,
  openrouterTools,
  proxyForSearches,
  query,
  said,
  search,
  searched,
  searchFolder,
  tool,
  withoutIds,
} from "../support/web-search.ts";

const start = proxyForSearches();

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
    const bytes = await Bun.file(`${searchFolder}openrouter/search.sse`).bytes();
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
  const bytes = await Bun.file(`${searchFolder}openrouter/search.sse`).bytes();
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
