/**
 * Claude Code's WebSearch sends a second request, with only Anthropic's search tool, and counts the searches and the
 * pages in the answer. If a backend cannot search, it must say so, and not that there were no results.
 */
import { z } from "zod";
import {
  contentChunk,
  encodeChunk,
  type FakeReply,
  raw,
  text,
  toolCalls,
} from "../../test/support/fake-upstream.ts";
import { type Asked, type Outcome, type Scenario, textOf } from "./scenario.ts";

const chunk = (delta: object, finish_reason: string | null = null) =>
  encodeChunk({ ...contentChunk(""), choices: [{ index: 0, delta, finish_reason }] });
const cite = (url: string, title: string) => ({
  type: "url_citation",
  url_citation: { url, title, content: `About ${title}`, start_index: 0, end_index: 9 },
});

/** The pages come after the text, as OpenRouter reports them. */
const found: FakeReply = raw(
  [
    chunk({ role: "assistant", content: "The bridge opens " }),
    chunk({ content: "in March." }),
    chunk({
      annotations: [
        cite("https://bridge.example.com/opening", "Opening day"),
        cite("https://news.example.org/b?id=1", "Bridge news"),
      ],
    }),
    chunk({}, "stop"),
    encodeChunk({
      ...contentChunk(""),
      choices: [],
      usage: {
        prompt_tokens: 900,
        completion_tokens: 12,
        total_tokens: 912,
        server_tool_use: { web_search_requests: 1 },
      },
    }),
    "data: [DONE]\n\n",
  ],
  { delayMs: 1 },
);

const story = (
  name: string,
  answers: readonly FakeReply[],
  rest: Pick<Scenario, "backend" | "settings" | "findFaults">,
): Scenario => ({
  name,
  ...rest,
  flags: ["--allowedTools", "WebSearch"],
  // Offers the tool at once; the newest client would have the model search for it first.
  env: { ENABLE_TOOL_SEARCH: "false" },
  rounds: () => {
    // The search query is in the second request too, which identifies it.
    const query = `When does the bridge open? [scenario ${name}]`;
    const call = {
      id: "call_search",
      name: "WebSearch",
      arguments: { query, blocked_domains: ["spam.example.com"] },
    };
    return [[toolCalls([call]), ...answers], [text("In March, says the web.")]];
  },
});

export const searchesWeb: Scenario = story("searches-web", [found], {
  backend: "openrouter",
  findFaults: ({ cli, asked }) => {
    const result = lastResult(asked);
    const search = searchOf(cli);
    return [
      asked[1]?.tools.join() !== "openrouter:web_search" && `the search offered ${asked[1]?.tools.join()}`,
      !result.includes('Links: [{"title":"Opening day","url":"https://bridge.example.com/opening"},') &&
        `the model got: ${result}`,
      !result.includes("The bridge opens in March.") && "the model did not get the text",
      search?.searchCount !== 1 && `the user sees ${search?.searchCount} searches`,
      search?.pages !== 2 && `the user sees ${search?.pages} pages`,
      cli.result?.result !== "In March, says the web." && `the answer: ${cli.result?.result}`,
    ];
  },
});

export const cannotSearchWeb: Scenario = story("cannot-search-web", [], {
  findFaults: ({ cli, asked }) => {
    const result = lastResult(asked);
    return [
      !result.includes("Web search error: unavailable") && `the model did not get the error: ${result}`,
      !result.includes("Web search does not work here") && `the model got: ${result}`,
      searchOf(cli)?.pages !== 0 && "pages were found",
      asked.length !== 2 && `the backend was asked ${asked.length} times`,
    ];
  },
});

/** A fake of Brave's search, as far as its public description goes; it ends with the process. */
function startBrave() {
  const queries: string[] = [];
  const results = [
    {
      title: "Opening day",
      url: "https://bridge.example.com/opening",
      description: "It opens in <b>March</b>.",
    },
    { title: "Spam", url: "https://spam.example.com/", description: "Buy now" },
  ];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request) {
      if (request.headers.get("x-subscription-token") !== "brave-key")
        return new Response("No key", { status: 422 });
      queries.push(new URL(request.url).searchParams.get("q") ?? "");
      return Response.json({ web: { results } });
    },
  });
  server.unref();
  const url = `http://127.0.0.1:${server.port}`;
  return {
    queries,
    settings: { SEARCH_API: "brave", SEARCH_API_KEY: "brave-key", SEARCH_API_URL: url },
  };
}

const brave = startBrave();

export const searchesThroughBrave: Scenario = story("searches-through-brave", [], {
  settings: brave.settings,
  findFaults: ({ cli, asked }) => {
    const result = lastResult(asked);
    const search = searchOf(cli);
    return [
      !brave.queries.at(-1)?.includes("When does the bridge open?") && `Brave was asked: ${brave.queries}`,
      !result.includes('Links: [{"title":"Opening day","url":"https://bridge.example.com/opening"}]') &&
        `the model got: ${result}`,
      !result.includes("It opens in March.") && "the model did not get the text of the page",
      search?.searchCount !== 1 && `the user sees ${search?.searchCount} searches`,
      search?.pages !== 1 && `the user sees ${search?.pages} pages`,
      asked.length !== 2 && `the backend was asked ${asked.length} times`,
    ];
  },
});

function lastResult(asked: readonly Asked[]): string {
  const result = asked.at(-1)?.messages.findLast(({ role }) => role === "tool");
  return result ? textOf(result) : "nothing";
}

const searchResult = z.looseObject({
  searchCount: z.number(),
  results: z.array(z.union([z.string(), z.looseObject({ content: z.array(z.unknown()) })])),
});

/** What the client shows of the search. */
function searchOf({ toolResults }: Outcome["cli"]): { searchCount: number; pages: number } | undefined {
  for (const result of toolResults) {
    const { data } = searchResult.safeParse(result);
    if (!data) continue;
    const pages = data.results.map((one) => (typeof one === "string" ? 0 : one.content.length));
    return { searchCount: data.searchCount, pages: pages.reduce((sum, count) => sum + count, 0) };
  }
  return undefined;
}
