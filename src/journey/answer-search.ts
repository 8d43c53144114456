/** Answers a request for nothing but a web search with the operator's search service, if the backend cannot search. */
import { maxResults, type SearchQuestion, type SearchService } from "../catalog/search-apis.ts";
import { ProxyError, toProxyError } from "../errors.ts";
import type { StopSignal } from "../lib/stop.ts";
import type { Plan } from "../plan/plan.ts";
import { noUsage, type ReplyEvent, type SearchResult } from "../reply.ts";
import { isAllowedPage } from "../upstream/filters/filter-domains.ts";
import { searchWeb } from "../upstream/transport/search-web.ts";
import type { Sender } from "../upstream/transport/send.ts";

export type SearchOptions = {
  readonly sender: Sender;
  readonly signal: StopSignal;
  readonly note: (words: string) => void;
};

/** Undefined for every other request. */
export function answerSearch(
  { webSearch }: Plan,
  service: SearchService | undefined,
  options: SearchOptions,
): Promise<ReplyEvent[]> | undefined {
  if (webSearch?.form !== "none" || !service) return undefined;
  return answer(webSearch, service, options);
}

async function answer(
  search: NonNullable<Plan["webSearch"]>,
  service: SearchService,
  options: SearchOptions,
): Promise<ReplyEvent[]> {
  const pages = await findPages(search, service, options);
  const hasFailed = pages instanceof ProxyError;
  const words = hasFailed
    ? `${pages.message}. Nothing was searched. Tell the user so, and present nothing as a search result.`
    : pages.map(describe).join("\n\n") || "Nothing was found.";
  return [
    { type: "web-search", query: search.query, found: hasFailed ? "unavailable" : pages },
    { type: "text-delta", text: words },
    { type: "usage", usage: noUsage },
    { type: "finish", reason: "stop" },
  ];
}

/** The pages that may be shown, or why there are none, which is logged. */
export async function findPages(
  question: SearchQuestion,
  service: SearchService,
  { sender, signal, note }: SearchOptions,
): Promise<SearchResult[] | ProxyError> {
  try {
    const pages = await searchWeb(question, service, sender, signal);
    // Not every service can be told how many.
    return pages.filter(({ url }) => isAllowedPage(url, question)).slice(0, maxResults);
  } catch (thrown) {
    const error = toProxyError(thrown);
    if (!signal.aborted) note(error.message);
    return error;
  }
}

function describe({ title, url, snippet, age }: SearchResult): string {
  return [`${title}${age ? ` (${age})` : ""}`, url, snippet].filter(Boolean).join("\n");
}
