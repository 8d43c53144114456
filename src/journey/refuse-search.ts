/** Answers a request for nothing but a web search, when the backend cannot search. */
import type { Plan } from "../plan/plan.ts";
import { noUsage, type ReplyEvent } from "../reply.ts";

/**
 * Undefined for every other request. The backend is not asked, because what its model says from memory would look like
 * search results. Claude Code's WebSearch passes the error code and the text on to the model that wanted the search.
 *
 * @param note called once, with words for the log
 */
export function refuseSearch(plan: Plan, note: (words: string) => void): ReplyEvent[] | undefined {
  const { webSearch: search, model, backend } = plan;
  if (search?.form !== "none") return undefined;
  note(`refused a web search: ${backend.name} cannot search the web with ${model}`);
  return answer(search.query, [
    `Web search does not work here: the backend ${backend.name} cannot search the web with the model ${model}.`,
    "Whoever runs the proxy can set SEARCH_API to make it work. Nothing was searched. Tell the user so, and present nothing as a search result.",
  ]);
}

function answer(query: string, words: readonly string[]): ReplyEvent[] {
  return [
    { type: "web-search", query, found: "unavailable" },
    { type: "text-delta", text: words.join(" ") },
    { type: "usage", usage: noUsage },
    { type: "finish", reason: "stop" },
  ];
}
