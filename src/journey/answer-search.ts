/** Answers a request for nothing but a web search with the operator's search service, if the backend cannot search. */
import { toProxyError } from "../errors.ts";
import type { Plan } from "../plan/plan.ts";
import { noUsage, type Reply, type SearchResult } from "../reply.ts";
import { isAllowedPage } from "../upstream/filters/filter-domains.ts";
import { type SearchService, searchWeb } from "../upstream/transport/search-web.ts";
import type { Sender } from "../upstream/transport/send.ts";

type SearchOptions = {
  readonly sender: Sender;
  readonly signal: AbortSignal;
  readonly note: (words: string) => void;
};

/** Undefined for every other request. */
export function answerSearch(
  { webSearch }: Plan,
  service: SearchService | undefined,
  options: SearchOptions,
): Reply | undefined {
  if (webSearch?.form !== "none" || !service) return undefined;
  return answer(webSearch, service, options);
}

async function* answer(
  search: NonNullable<Plan["webSearch"]>,
  service: SearchService,
  { sender, signal, note }: SearchOptions,
): Reply {
  let found: SearchResult[] | "unavailable" = "unavailable";
  let words = "";
  try {
    const pages = await searchWeb(search, service, sender, signal);
    found = pages.filter(({ url }) => isAllowedPage(url, search));
    words = found.map(describe).join("\n\n") || "Nothing was found.";
  } catch (thrown) {
    const { message } = toProxyError(thrown);
    note(message);
    words = `${message}. Nothing was searched. Tell the user so, and present nothing as a search result.`;
  }
  yield [
    { type: "web-search", query: search.query, found },
    { type: "text-delta", text: words },
    { type: "usage", usage: noUsage },
    { type: "finish", reason: "stop" },
  ];
}

function describe({ title, url, snippet, age }: SearchResult): string {
  return [`${title}${age ? ` (${age})` : ""}`, url, snippet].filter(Boolean).join("\n");
}
