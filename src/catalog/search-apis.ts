/** Services that search the web, as data: how each is asked, and what its results are called. */
import { asString, isObject, type JsonObject } from "../lib/json.ts";

export const searchApiNames = ["brave", "tavily", "exa", "searxng"] as const;
type SearchApiName = (typeof searchApiNames)[number];

export type SearchQuestion = {
  readonly query: string;
  /** Empty if any site will do. */
  readonly allowedDomains: readonly string[];
  readonly blockedDomains: readonly string[];
};

type SearchApi = {
  /** Undefined if everyone runs their own. */
  readonly baseUrl: string | undefined;
  readonly needsKey: boolean;
  /** The path and query of a GET, or the path and body of a POST. */
  readonly ask: (question: SearchQuestion) => { readonly path: string; readonly body?: JsonObject };
  readonly headers: (key: string) => Readonly<Record<string, string>>;
  /** Where the answer has its results. */
  readonly results: (answer: JsonObject) => unknown;
  /** Names of the fields of a result. */
  readonly snippet: string;
  readonly age: string;
};

export const maxResults = 10;
/** Characters of a page, where the service asks. */
const maxSnippet = 1000;

/** Sources: each service's public API reference. */
export const searchApis: Readonly<Record<SearchApiName, SearchApi>> = {
  brave: {
    baseUrl: "https://api.search.brave.com/res/v1",
    needsKey: true,
    ask: (question) => ({
      path: `/web/search?${new URLSearchParams({ q: withSites(question), count: `${maxResults}` })}`,
    }),
    headers: (key) => ({ "x-subscription-token": key }),
    // An answer without pages has no `web`.
    results: ({ type, web }) => (isObject(web) ? web.results : type === "search" ? [] : undefined),
    snippet: "description",
    age: "age",
  },
  tavily: {
    baseUrl: "https://api.tavily.com",
    needsKey: true,
    ask: ({ query, allowedDomains, blockedDomains }) => ({
      path: "/search",
      body: {
        query,
        max_results: maxResults,
        ...(allowedDomains.length > 0 && { include_domains: allowedDomains.map(toSite) }),
        ...(blockedDomains.length > 0 && { exclude_domains: blockedDomains.map(toSite) }),
      },
    }),
    headers: (key) => ({ authorization: `Bearer ${key}` }),
    results: ({ results }) => results,
    snippet: "content",
    age: "published_date",
  },
  exa: {
    baseUrl: "https://api.exa.ai",
    needsKey: true,
    ask: ({ query, allowedDomains, blockedDomains }) => ({
      path: "/search",
      body: {
        query,
        numResults: maxResults,
        contents: { text: { maxCharacters: maxSnippet } },
        ...(allowedDomains.length > 0 && { includeDomains: allowedDomains.map(toSite) }),
        ...(blockedDomains.length > 0 && { excludeDomains: blockedDomains.map(toSite) }),
      },
    }),
    headers: (key) => ({ "x-api-key": key }),
    results: ({ results }) => results,
    snippet: "text",
    age: "publishedDate",
  },
  searxng: {
    baseUrl: undefined,
    needsKey: false,
    ask: (question) => ({
      path: `/search?${new URLSearchParams({ q: withSites(question), format: "json" })}`,
    }),
    headers: (key): Record<string, string> => (key === "" ? {} : { authorization: `Bearer ${key}` }),
    results: ({ results }) => results,
    snippet: "content",
    age: "publishedDate",
  },
};

/** A result in common words; undefined if it is none. */
export function readSearchResult(name: SearchApiName, result: unknown) {
  const { snippet, age } = searchApis[name];
  if (!isObject(result)) return undefined;
  const url = asString(result.url);
  const text = withoutMarkup(asString(result[snippet])).slice(0, maxSnippet);
  const title = withoutMarkup(asString(result.title)) || url;
  return { url, title, snippet: text, age: asString(result[age]) || undefined };
}

/** Services mark the words they found, and some write for HTML. */
function withoutMarkup(text: string): string {
  return text
    .replace(/<\/?(?:strong|b|em)>/g, "")
    .replace(/&(?:(amp|lt|gt|quot|apos|nbsp)|#(\d{1,6})|#x([\da-f]{1,5}));/gi, readEntity)
    .trim();
}

const entities: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: " ",
};

function readEntity(whole: string, name?: string, decimal?: string, hex?: string): string {
  if (name !== undefined) return entities[name.toLowerCase()] ?? whole;
  const code = decimal === undefined ? Number.parseInt(hex ?? "", 16) : Number(decimal);
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
}

/** The operator's choice of a service. */
export type SearchService = {
  readonly api: SearchApiName;
  readonly key?: string | undefined;
  readonly baseUrl?: string | undefined;
};

/** The variable without which the service cannot be asked. */
export function findMissingSetting({ api, key = "", baseUrl }: SearchService): string | undefined {
  const service = searchApis[api];
  if ((baseUrl ?? service.baseUrl) === undefined) return "SEARCH_API_URL";
  return service.needsKey && key === "" ? "SEARCH_API_KEY" : undefined;
}

/** For engines whose only filter is the query itself. */
function withSites({ query, allowedDomains, blockedDomains }: SearchQuestion): string {
  const sites = allowedDomains.map((domain) => `site:${toSite(domain)}`).join(" OR ");
  return [query, sites, ...blockedDomains.map((domain) => `-site:${toSite(domain)}`)]
    .filter(Boolean)
    .join(" ");
}

function toSite(domain: string): string {
  return domain.replace(/^(https?:\/\/)?(\*\.)?/, "").split("/")[0] ?? domain;
}
