/**
 * Anthropic's server tools that the proxy runs itself: its search among deferred tools, and web search if the operator
 * has a search service and the backend cannot search. A model is offered them as functions.
 */
import type { MessagesRequest, Tool, TypedTool } from "../anthropic/wire.ts";
import { readLimits, type SearchLimits } from "./plan-web-search.ts";
import { type CallableTool, readTool } from "./read-tool.ts";
import { maxPatternLength } from "./search-tools.ts";

export type OwnTool = {
  /** The client's declaration of it. */
  readonly declared: TypedTool;
  /** As the model sees it. */
  readonly tool: CallableTool;
} & OwnWork;

type OwnWork =
  | { readonly kind: "tool-search"; readonly form: "regex" | "bm25" }
  | ({ readonly kind: "web-search" } & SearchLimits);

const none: readonly OwnTool[] = [];

/** @param searchesWeb whether the proxy searches the web for this request */
export function listOwnTools(
  { tools }: Pick<MessagesRequest, "tools">,
  searchesWeb: boolean,
): readonly OwnTool[] {
  return tools?.some(({ type }) => type === "typed") ? readOwnTools(tools, searchesWeb) : none;
}

function readOwnTools(tools: readonly Tool[], searchesWeb: boolean): OwnTool[] {
  const typed = tools.filter((tool) => tool.type === "typed");
  const searchesTools = () => tools.some((tool) => readTool(tool)?.some(({ isDeferred }) => isDeferred));
  return typed.flatMap((declared) => {
    const work = chooseWork(declared, { searchesWeb, searchesTools });
    if (!work) return [];
    const name = declared.name ?? nameOf(work);
    const common = { name, isStrict: false, cacheControl: declared.cache_control };
    return [{ declared, tool: { ...common, ...describe(work) }, ...work }];
  });
}

/** The name by which Anthropic's blocks call the tool. */
export function nameOf(work: OwnWork): "web_search" | "tool_search_tool_regex" | "tool_search_tool_bm25" {
  return work.kind === "web-search" ? "web_search" : `tool_search_tool_${work.form}`;
}

type Searches = { readonly searchesWeb: boolean; readonly searchesTools: () => boolean };

function chooseWork(tool: TypedTool, { searchesWeb, searchesTools }: Searches): OwnWork | undefined {
  switch (tool.family) {
    case "tool_search_tool_regex":
      return searchesTools() ? { kind: "tool-search", form: "regex" } : undefined;
    case "tool_search_tool_bm25":
      return searchesTools() ? { kind: "tool-search", form: "bm25" } : undefined;
    case "web_search":
      return searchesWeb ? { kind: "web-search", ...readLimits(tool) } : undefined;
    default:
      return undefined;
  }
}

const loads =
  "There are more tools than you see. This searches their names, descriptions and arguments, and loads the best " +
  "matches, so that you can call them right after it. Use it before you say that something cannot be done.";

function describe(work: OwnWork): Pick<CallableTool, "description" | "schema"> {
  if (work.kind === "web-search") {
    const { allowedDomains: sites } = work;
    const only = sites.length > 0 ? ` Only these sites are searched: ${sites.join(", ")}.` : "";
    return {
      description: `Search the web, and get the titles, addresses and excerpts of pages.${only} Name the pages that you use.`,
      schema: askFor("query", "What to search for"),
    };
  }
  return work.form === "regex"
    ? {
        description: loads,
        schema: askFor(
          "pattern",
          `A regular expression in Python's syntax, at most ${maxPatternLength} characters, such as \`(?i)slack|chat\` ` +
            "or `get_.*_data`. Backreferences and lookarounds are not supported",
        ),
      }
    : { description: loads, schema: askFor("query", "What the tool should do, in words") };
}

function askFor(field: string, description: string) {
  return { type: "object", properties: { [field]: { type: "string", description } }, required: [field] };
}
