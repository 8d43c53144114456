/** Writes a search in Anthropic's form: a server tool call, and its result. */
import { createId } from "../lib/create-id.ts";
import type { ReplyEvent, SearchResult } from "../reply.ts";
import type {
  Citation,
  ServerToolUseBlock,
  ToolsSearchResultBlock,
  WebSearchResult,
  WebSearchResultBlock,
} from "./wire-reply.ts";

/** Anthropic's own citations are no longer than this, in characters. */
const maxCitationLength = 150;

export type SearchFact = ReplyEvent & { type: "web-search" | "tool-search" };

type WrittenSearch = {
  readonly call: ServerToolUseBlock;
  /** JSON text of the call's input. */
  readonly input: string;
  readonly result: WebSearchResultBlock | ToolsSearchResultBlock;
};

const caller = { type: "direct" } as const;

export function writeSearch(search: SearchFact): WrittenSearch {
  switch (search.type) {
    case "web-search":
      return writeWebSearch(search);
    case "tool-search":
      return writeToolSearch(search);
    default:
      return search satisfies never;
  }
}

function writeWebSearch({
  id = createId("srvtoolu_"),
  query,
  found,
}: SearchFact & { type: "web-search" }): WrittenSearch {
  return {
    call: { type: "server_tool_use", id, name: "web_search", input: {}, caller },
    input: JSON.stringify({ query }),
    result: {
      type: "web_search_tool_result",
      tool_use_id: id,
      caller,
      content:
        typeof found === "string"
          ? { type: "web_search_tool_result_error", error_code: found }
          : found.map(writeResult),
    },
  };
}

function writeToolSearch({ id, form, input, found }: SearchFact & { type: "tool-search" }): WrittenSearch {
  return {
    call: { type: "server_tool_use", id, name: `tool_search_tool_${form}`, input: {}, caller },
    input: JSON.stringify(input),
    result: {
      type: "tool_search_tool_result",
      tool_use_id: id,
      content:
        "code" in found
          ? { type: "tool_search_tool_result_error", error_code: found.code, error_message: found.message }
          : {
              type: "tool_search_tool_search_result",
              tool_references: found.map((tool_name) => ({ type: "tool_reference", tool_name })),
            },
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
