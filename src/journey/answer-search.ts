/**
 * Answers a request for nothing but a web search, if the backend cannot search: with the operator's search service, or
 * with a refusal if there is none. The backend is not asked, because what its model says from memory would look like
 * search results. Claude Code's WebSearch passes the error code and the text on to the model that wanted the search.
 */
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
  /** Called with words for the log. */
  readonly note: (words: string) => void;
};

/** Undefined for every other request. */
export function answerSearch(
  { webSearch, model, backend }: Plan,
  service: SearchService | undefined,
  options: SearchOptions,
): ReplyEvent[] | Promise<ReplyEvent[]> | undefined {
  if (webSearch?.form !== "none") return undefined;
  if (service) return search(webSearch, service, options);
  options.note(`refused a web search: ${backend.name} cannot search the web with ${model}`);
  return writeFailure(
    webSearch.query,
    `Web search does not work here: the backend ${backend.name} cannot search the web with the model ${model}. Whoever runs the proxy can set SEARCH_API to make it work`,
  );
}

async function search(
  question: SearchQuestion,
  service: SearchService,
  options: SearchOptions,
): Promise<ReplyEvent[]> {
  const pages = await findPages(question, service, options);
  if (pages instanceof ProxyError) return writeFailure(question.query, pages.message);
  return writeAnswer(question.query, pages, pages.map(describe).join("\n\n") || "Nothing was found.");
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

function writeFailure(query: string, reason: string): ReplyEvent[] {
  const words = `${reason}. Nothing was searched. Tell the user so, and present nothing as a search result.`;
  return writeAnswer(query, "unavailable", words);
}

function writeAnswer(
  query: string,
  found: readonly SearchResult[] | "unavailable",
  text: string,
): ReplyEvent[] {
  return [
    { type: "web-search", query, found },
    { type: "text-delta", text },
    { type: "usage", usage: noUsage },
    { type: "finish", reason: "stop" },
  ];
}
