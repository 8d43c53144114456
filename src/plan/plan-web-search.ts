/**
 * Anthropic's web search and web fetch, for backends that have an equivalent. They are not functions that a client
 * could run: the backend searches and reads during its answer.
 */
import { z } from "zod/mini";
import type { MessagesRequest, TypedTool } from "../anthropic/wire.ts";
import { isSearchTask, readSearchQuery } from "../catalog/claude-code/claude-code.ts";
import type { Catalog } from "../catalog/models.ts";
import type { Quirks } from "../catalog/quirks.ts";
import { once } from "../lib/once.ts";

/** What the client allows a search, or a fetch. */
export type SearchLimits = {
  readonly maxUses: number | undefined;
  /** Sites, each including everything below it; empty if any site will do. */
  readonly allowedDomains: readonly string[];
  readonly blockedDomains: readonly string[];
};

export type WebSearch = SearchLimits & {
  /** `none` if the client insists on a search and the backend has none. */
  readonly form: Quirks["web"]["search"];
  /**
   * The client wants nothing but a search, like Claude Code's WebSearch: no other tool is offered, or this one is
   * chosen.
   */
  readonly isSearchCall: boolean;
  /** The model must search; otherwise it decides. */
  readonly isForced: boolean;
  /** The user's question, to be shown as the query: few backends report what they searched for. */
  readonly query: string;
  readonly userLocation: UserLocation;
};

export type WebFetch = SearchLimits & {
  readonly isForced: boolean;
  readonly maxContentTokens: number | undefined;
};

export type WebUse = {
  /** The search that the client offers, if the backend can do it or nothing else is wanted. */
  readonly webSearch: WebSearch | undefined;
  readonly webFetch: WebFetch | undefined;
};

type UserLocation = z.infer<ReturnType<typeof definition>>["user_location"];

/** Made when it is needed: a schema costs 20 µs of the start for each of its parts. */
const definition = once(() => {
  const filledText = z.string().check(z.minLength(1));
  const text = z.catch(z.optional(filledText), undefined);
  const positive = z.catch(z.optional(z.number().check(z.int(), z.positive())), undefined);
  const domains = z.catch(z.nullish(z.array(filledText)), undefined);
  const userLocation = z.object({ city: text, region: text, country: text, timezone: text });
  return z.object({
    max_uses: positive,
    max_content_tokens: positive,
    allowed_domains: domains,
    blocked_domains: domains,
    user_location: z.catch(z.optional(userLocation), undefined),
  });
});

/** Long enough for a question, short enough for a line. */
const maxQueryLength = 300;

const noWeb: WebUse = { webSearch: undefined, webFetch: undefined };

export function planWeb(request: MessagesRequest, quirks: Quirks): WebUse {
  if (!request.tools?.some(({ type }) => type === "typed")) return noWeb;
  return { webSearch: planWebSearch(request, quirks), webFetch: planWebFetch(request, quirks) };
}

/**
 * How to search for this request; undefined if the client wants no search, or offers one next to other tools to a
 * backend that cannot search.
 */
function planWebSearch(request: MessagesRequest, { web }: Quirks): WebSearch | undefined {
  const form = web.search;
  const tool = findTool(request, "web_search");
  if (!tool) return undefined;
  const isChosen = isChosenTool(request, tool);
  const isAlone = isOnlySearch(request);
  const isSearchCall = isChosen || isAlone;
  if (!isSearchCall && form !== "server-tool") return undefined;
  const isForced = isChosen || (isAlone && request.tool_choice?.type === "any");
  // A model that may search, and cannot, still has an answer to give.
  if (form === "none" && !isForced && !isSearchTask(lastWords(request))) return undefined;
  const { user_location: userLocation } = definition().parse(tool.definition);
  return { form, isSearchCall, isForced, query: readQuery(request), ...readLimits(tool), userLocation };
}

export function readLimits(tool: TypedTool): SearchLimits {
  const { max_uses, allowed_domains, blocked_domains } = definition().parse(tool.definition);
  return {
    maxUses: max_uses,
    allowedDomains: allowed_domains ?? [],
    blockedDomains: blocked_domains ?? [],
  };
}

function planWebFetch(request: MessagesRequest, { web }: Quirks): WebFetch | undefined {
  const tool = web.fetch ? findTool(request, "web_fetch") : undefined;
  if (!tool) return undefined;
  return {
    isForced: isChosenTool(request, tool),
    maxContentTokens: definition().parse(tool.definition).max_content_tokens,
    ...readLimits(tool),
  };
}

/**
 * The model to ask: the requested one, or the backend's own search model if nothing but a search is wanted and the
 * requested model cannot search. A search model that the backend does not list is not used.
 */
export function chooseSearchModel(
  request: MessagesRequest,
  { model, quirks: { web } }: { readonly model: string; readonly quirks: Quirks },
  catalog: Catalog,
): string {
  const { search, searchModel } = web;
  if (searchModel === undefined || search !== "none") return model;
  if (catalog.all().length > 0 && !catalog.facts(searchModel)) return model;
  const tool = findTool(request, "web_search");
  return tool && (isChosenTool(request, tool) || isOnlySearch(request)) ? searchModel : model;
}

/** Whether the request carries tools that the backend runs. */
export function hasServedTools({ webSearch, webFetch }: WebUse): boolean {
  return webSearch?.form === "server-tool" || webFetch !== undefined;
}

/** Whether the backend runs this tool of Anthropic's. */
export function isServed({ family }: TypedTool, { webSearch, webFetch }: WebUse): boolean {
  return (
    (family === "web_search" && webSearch !== undefined) || (family === "web_fetch" && webFetch !== undefined)
  );
}

function findTool({ tools, tool_choice }: MessagesRequest, family: string): TypedTool | undefined {
  if (tool_choice?.type === "none") return undefined;
  return tools?.find((tool): tool is TypedTool => tool.type === "typed" && tool.family === family);
}

function isChosenTool({ tool_choice }: MessagesRequest, { name }: TypedTool): boolean {
  return tool_choice?.type === "tool" && tool_choice.name === name;
}

function isOnlySearch({ tools }: MessagesRequest): boolean {
  return tools?.every(isSearch) === true;
}

function isSearch(tool: NonNullable<MessagesRequest["tools"]>[number]): boolean {
  return tool.type === "typed" && tool.family === "web_search";
}

/** The user's last words, without what a client adds in their name. */
function readQuery(request: MessagesRequest): string {
  return readSearchQuery(lastWords(request)).replace(/\s+/g, " ").slice(0, maxQueryLength);
}

function lastWords({ messages }: MessagesRequest): string {
  const said = messages.findLast(
    ({ role, content }) => role === "user" && content.some((block) => block.type === "text"),
  );
  return (said?.content ?? []).flatMap((block) => (block.type === "text" ? [block.text] : [])).join("\n");
}
