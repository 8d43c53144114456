/** Writes a backend's web search in Anthropic's form: a server tool call, and its result. */
import { createId } from "../lib/create-id.ts";
import type { ReplyEvent, SearchResult } from "../reply.ts";
import type { Citation, ServerToolUseBlock, WebSearchResult, WebSearchResultBlock } from "./wire-reply.ts";

/** Anthropic's own citations are no longer than this, in characters. */
const maxCitationLength = 150;

type WrittenSearch = {
  readonly call: ServerToolUseBlock;
  /** JSON text of the call's input. */
  readonly input: string;
  readonly result: WebSearchResultBlock;
};

export function writeSearch({ query, found }: ReplyEvent & { type: "web-search" }): WrittenSearch {
  const id = createId("srvtoolu_");
  const caller = { type: "direct" } as const;
  return {
    call: { type: "server_tool_use", id, name: "web_search", input: {}, caller },
    input: JSON.stringify({ query }),
    result: {
      type: "web_search_tool_result",
      tool_use_id: id,
      caller,
      content:
        found === "unavailable"
          ? { type: "web_search_tool_result_error", error_code: found }
          : found.map(writeResult),
    },
  };
}

export function writeCitation({ url, title, snippet }: SearchResult): Citation {
  const cited_text = [...snippet].slice(0, maxCitationLength).join("");
  return { type: "web_search_result_location", cited_text, url, title, encrypted_index: "" };
}

function writeResult({ url, title, snippet, age }: SearchResult): WebSearchResult {
  return { type: "web_search_result", url, title, encrypted_content: snippet, page_age: age ?? null };
}
