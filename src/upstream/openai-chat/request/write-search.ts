/**
 * Writes web search and web fetch as each backend expects them. What it cannot express is put into words for the
 * model.
 */
import type { Plan } from "../../../plan/plan.ts";
import type { WebFetch, WebSearch } from "../../../plan/plan-web-search.ts";
import type { WrittenTools } from "../../tools/write-tools.ts";
import type { SearchFields, ServedTool } from "../wire.ts";

type WebTools = {
  /** The remaining functions. */
  readonly tools: WrittenTools;
  /** Fields that overwrite the rest of the request. */
  readonly search?: SearchFields;
};

/** DashScope and Perplexity accept this many sites in a list. */
const maxAssignedSites = 25;
const maxFilteredDomains = 20;

/** The functions, and what makes the backend search and fetch, in addition to them or instead of them. */
export function addWebTools(plan: Plan, tools: WrittenTools, note: (words: string) => void): WebTools {
  const { webSearch: search, webFetch: fetch } = plan;
  if (search && search.form !== "server-tool" && search.form !== "none") {
    return {
      tools: { ...tools, ...describeDomains(search) },
      search: writeSearchFields(search, search.form, note),
    };
  }
  const prefix = plan.quirks.web.serverToolPrefix;
  const served: Served[] = [];
  if (search?.form === "server-tool") served.push(writeSearchTool(search, prefix));
  if (fetch) served.push(writeFetchTool(fetch, prefix));
  return served.length === 0 ? { tools } : addServed(plan, tools, served);
}

type Served = {
  readonly tool: ServedTool;
  readonly isForced: boolean;
  /** What the model is told if the tool must be used, but cannot be forced. */
  readonly words: string;
};

function writeSearchTool(search: WebSearch, prefix: string): Served {
  const { maxUses, allowedDomains, blockedDomains, userLocation } = search;
  const parameters = {
    ...(maxUses !== undefined && { max_uses: maxUses }),
    // Most engines accept only one of the two lists; the results are filtered by the other one.
    ...(allowedDomains.length > 0
      ? { allowed_domains: allowedDomains }
      : blockedDomains.length > 0 && { excluded_domains: blockedDomains }),
    ...(userLocation && { user_location: { type: "approximate" as const, ...userLocation } }),
  };
  return {
    tool: { type: `${prefix}web_search`, parameters },
    isForced: search.isForced,
    words: "Search the web now",
  };
}

function writeFetchTool(fetch: WebFetch, prefix: string): Served {
  const { maxUses, maxContentTokens, allowedDomains, blockedDomains } = fetch;
  const parameters = {
    ...(maxUses !== undefined && { max_uses: maxUses }),
    ...(maxContentTokens !== undefined && { max_content_tokens: maxContentTokens }),
    ...(allowedDomains.length > 0 && { allowed_domains: allowedDomains }),
    ...(blockedDomains.length > 0 && { blocked_domains: blockedDomains }),
  };
  return {
    tool: { type: `${prefix}web_fetch`, parameters },
    isForced: fetch.isForced,
    words: "Fetch the page now",
  };
}

function addServed({ quirks }: Plan, tools: WrittenTools, served: readonly Served[]): WebTools {
  const forced = served.find(({ isForced }) => isForced);
  const canForce = quirks.toolChoice.named === "function";
  return {
    tools: forced && !canForce ? { ...tools, instruction: forced.words } : tools,
    search: {
      tools: [...(tools.fields.tools ?? []), ...served.map(({ tool }) => tool)],
      ...(forced && canForce && { tool_choice: { type: forced.tool.type } }),
    },
  };
}

type Form = Exclude<WebSearch["form"], "server-tool" | "none">;

function writeSearchFields(search: WebSearch, form: Form, note: (words: string) => void): SearchFields {
  const { allowedDomains: allowed, blockedDomains: blocked, userLocation, maxUses } = search;
  const searchesOften = form === "search-options" || form === "search-settings";
  if (maxUses !== undefined && searchesOften) note("left out max_uses of the web search");
  const takesLocation = form === "search-options" || form === "domain-filter";
  if (userLocation && !takesLocation) note("left out user_location of the web search");
  switch (form) {
    case "search-options": {
      const user_location = { type: "approximate" as const, approximate: { ...userLocation } };
      return { web_search_options: userLocation ? { user_location } : {} };
    }
    case "search-settings":
      return {
        compound_custom: { tools: { enabled_tools: ["web_search"] } },
        ...(allowed.length + blocked.length > 0 && {
          search_settings: allowed.length > 0 ? { include_domains: allowed } : { exclude_domains: blocked },
        }),
      };
    case "search-tool":
      // Search results are reported only in whole answers, not in streams.
      return { stream: false, tools: [writeSearchObject(search)] };
    case "enable-search": {
      const isListed = allowed.length > 0 && allowed.length <= maxAssignedSites;
      return {
        enable_search: true,
        search_options: { forced_search: true, ...(isListed && { assigned_site_list: allowed }) },
      };
    }
    case "domain-filter": {
      const filter = allowed.length > 0 ? [...allowed] : blocked.map((domain) => `-${domain}`);
      const country = userLocation?.country;
      return {
        ...(filter.length > 0 && { search_domain_filter: filter.slice(0, maxFilteredDomains) }),
        ...(country !== undefined && { web_search_options: { user_location: { country } } }),
      };
    }
    default:
      return form satisfies never;
  }
}

/** Source: Z.ai's reference of chat completions: one engine, one site. */
function writeSearchObject({ query, allowedDomains: [site, ...others] }: WebSearch): ServedTool {
  return {
    type: "web_search",
    web_search: {
      enable: true,
      search_engine: "search_pro_jina",
      search_result: true,
      ...(query !== "" && { search_query: query }),
      ...(site !== undefined && others.length === 0 && { search_domain_filter: site }),
    },
  };
}

/**
 * The sites in words as well: only OpenRouter's format holds every list, and results from elsewhere are filtered out.
 */
function describeDomains({ allowedDomains, blockedDomains }: WebSearch): { instruction?: string } {
  const words = [
    ...(allowedDomains.length > 0 ? [`Search only these sites: ${allowedDomains.join(", ")}`] : []),
    ...(blockedDomains.length > 0 ? [`Use nothing from these sites: ${blockedDomains.join(", ")}`] : []),
  ];
  return words.length > 0 ? { instruction: words.join("\n") } : {};
}
