/**
 * Reads what a backend found on the web. Every provider reports it in a place of its own: some in every chunk, some
 * only at the end, some not at all.
 */
import { maxSearchResults } from "../../catalog/claude-code/claude-code.ts";
import { GrowingText } from "../../lib/copy-text.ts";
import { asString, isObject, type JsonObject, parseJson } from "../../lib/json.ts";
import type { Plan } from "../../plan/plan.ts";
import type { WebSearch } from "../../plan/plan-web-search.ts";
import type { ReplyEvent, SearchResult } from "../../reply.ts";
import { isAllowedPage } from "../filters/filter-domains.ts";

export type SearchReader = {
  /** Notes what a chunk, a choice or a delta reports. */
  read(holder: JsonObject): void;
  /** Notes text, which may contain the pages as links. */
  said(text: string): void;
  /** The backend's count of its searches. */
  counted(searches: number | undefined): void;
  /** A search of the backend has ended: its query, and the pages that it found, if the backend says so. */
  searched(query: string, pages: readonly unknown[]): ReplyEvent[];
  /** What was found and not emitted yet; for the start of a text. */
  begin(): ReplyEvent[];
  /** The pages that the text so far cites, each once. */
  cite(): ReplyEvent[];
  /** The rest of the results and citations. */
  end(): ReplyEvent[];
};

/** Characters kept of each page; clients send them back with every later request. */
const maxSnippetLength = 2000;

/** Undefined if no search was asked for: then links in the text are all that a client expects. */
export function createSearchReader({ webSearch }: Plan): SearchReader | undefined {
  return webSearch && webSearch.form !== "none" ? createReader(webSearch) : undefined;
}

function createReader(search: WebSearch): SearchReader {
  const pages = new Map<string, SearchResult>();
  const sent = new Set<string>();
  const cited = new Set<string>();
  let { query } = search;
  const text = new GrowingText();
  // The other forms search whenever they are asked.
  let hasSearched = search.form !== "server-tool";

  function add({ url, title, snippet, age }: SearchResult): void {
    const known = pages.get(url);
    if (!known && (pages.size >= maxSearchResults || !isAllowedPage(url, search))) return;
    pages.set(url, {
      url,
      title: known?.title || title,
      snippet: known?.snippet || snippet,
      age: known?.age ?? age,
    });
  }

  function send(found: readonly SearchResult[]): ReplyEvent[] {
    for (const { url } of found) sent.add(url);
    return [{ type: "web-search", query, found: found.map(withTitle) }];
  }

  function unsent(): SearchResult[] {
    return [...pages.values()].filter(({ url }) => !sent.has(url));
  }

  function begin(): ReplyEvent[] {
    const found = unsent();
    return found.length > 0 ? send(found) : [];
  }

  function cite(): ReplyEvent[] {
    const found = [...cited].flatMap((url) => pages.get(url) ?? []);
    cited.clear();
    return found.map((page) => ({ type: "citation", page: withTitle(page) }));
  }

  return {
    read(holder) {
      for (const citation of citationsIn(holder)) {
        add(citation);
        if (pages.has(citation.url)) cited.add(citation.url);
      }
      for (const list of listsIn(holder)) for (const item of list) add(readPage(item));
      for (const tool of objectsIn(holder.executed_tools)) query = readQuery(tool) ?? query;
    },
    said(more) {
      text.add(more);
    },
    counted(searches = 0) {
      hasSearched ||= searches > 0;
    },
    searched(asked, found) {
      hasSearched = true;
      query = asked || query;
      for (const page of found) add(readPage(page));
      return begin();
    },
    begin,
    cite,
    end() {
      if (pages.size === 0 && hasSearched) for (const page of linksIn(text.text)) add(page);
      const citations = cite();
      const found = unsent();
      // A completely empty answer is asked for again.
      const isUnreported = sent.size === 0 && hasSearched && text.length > 0;
      return [...citations, ...(found.length > 0 || isUnreported ? send(found) : [])];
    },
  };
}

/** OpenAI's annotations, which OpenRouter has for all its models, including what was read on the page. */
function citationsIn({ annotations }: JsonObject): SearchResult[] {
  return objectsIn(annotations).flatMap((annotation) => {
    if (annotation.type !== "url_citation") return [];
    return [readPage(isObject(annotation.url_citation) ? annotation.url_citation : annotation)];
  });
}

/** Lists of pages: Perplexity and xAI, Perplexity, Z.ai, Qwen, Groq. */
function listsIn(holder: JsonObject): unknown[][] {
  const { citations, search_results, web_search, search_info, executed_tools } = holder;
  return [
    citations,
    search_results,
    web_search,
    isObject(search_info) ? search_info.search_results : undefined,
    ...objectsIn(executed_tools).map(({ search_results: found }) =>
      isObject(found) ? found.results : found,
    ),
  ].filter((list) => Array.isArray(list));
}

function readPage(item: unknown): SearchResult {
  const page = isObject(item) ? item : { url: item };
  const age = asString(page.date) || asString(page.publish_date) || asString(page.page_age);
  return {
    url: asString(page.url) || asString(page.link),
    title: asString(page.title),
    snippet: (asString(page.content) || asString(page.snippet)).slice(0, maxSnippetLength).toWellFormed(),
    age: age || undefined,
  };
}

/** Groq's search query. */
function readQuery(tool: JsonObject): string | undefined {
  const input = parseJson(asString(tool.arguments));
  return (isObject(input) && asString(input.query)) || undefined;
}

function linksIn(text: string): SearchResult[] {
  return [...text.matchAll(/\[([^[\]\n]{1,200})\]\((https?:\/\/[^\s()]{1,2000})\)/g)].map(
    ([, title = "", url = ""]) => ({ url, title, snippet: "", age: undefined }),
  );
}

function withTitle(page: SearchResult): SearchResult {
  return page.title === "" ? { ...page, title: URL.parse(page.url)?.hostname ?? page.url } : page;
}

function objectsIn(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
