/**
 * Which tools a request offers: those in its list, with the changes made by the conversation. A pure function of the
 * request, so that every turn, every replica and the token count see the same list. A longer conversation only appends
 * to the list, unless its client removes a tool, so that the cached prefix stays valid.
 */
import { surveyMessages } from "../anthropic/survey-messages.ts";
import { isToolSearch } from "../anthropic/tools/find-client-tool.ts";
import type { CountTokensRequest, Tool, TypedTool } from "../anthropic/wire.ts";
import { loadsToolsItself } from "../catalog/claude-code/claude-code.ts";
import { hasSameItems } from "../lib/same-items.ts";
import type { OwnTool } from "./own-tools.ts";
import { type CallableTool, readTool } from "./read-tool.ts";
import { createToolTrack, loadTool, type ToolTrack, trackBlock } from "./track-tools.ts";

export type ToolList = {
  /** The tools offered to the model, in this order. */
  readonly offered: readonly CallableTool[];
  /** Not loaded yet, or removed. The model may know one from elsewhere, and its call is accepted all the same. */
  readonly withheld: readonly CallableTool[];
  /** Removed, but still offered because the conversation contains calls of it. */
  readonly withdrawn: readonly CallableTool[];
  /** What a search among tools may find: the deferred ones, loaded or not. */
  readonly searchable: readonly CallableTool[];
  /** Anthropic's tools that no client runs. */
  readonly unrunnable: readonly TypedTool[];
  /** What happened to the list, for the log. */
  readonly notes: readonly string[];
};

const noTools: ToolList = {
  offered: [],
  withheld: [],
  withdrawn: [],
  searchable: [],
  unrunnable: [],
  notes: [],
};

/**
 * The tools of a request. Deferred ones are left out until the conversation refers to them, if anything in it can. A
 * tool that was added in mid-conversation comes after those that the request declares.
 *
 * @param ownTools those of the request's tools that the proxy runs
 */
export function listTools(request: CountTokensRequest, ownTools: readonly OwnTool[]): ToolList {
  const declared = request.tools ?? [];
  const { toolChanges } = surveyMessages(request.messages);
  const fixed = ownTools.length === 0 && !toolChanges ? listFixed(declared) : undefined;
  return fixed ?? listTracked(request, ownTools);
}

/** The tools that are there after the whole conversation. */
function listTracked(request: CountTokensRequest, ownTools: readonly OwnTool[]): ToolList {
  const track = trackTools(request, ownTools);
  const entries = [...track.tools.values()];
  const deferred = entries.filter((entry) => entry.isDeferred);
  const isAllLoaded =
    // Nothing could load them, as when a client has a single tool counted.
    deferred.length === entries.length || loadsToolsItself(request);
  const atOnce = entries.filter((entry) => isAllLoaded || !entry.isDeferred);
  const later = isAllLoaded
    ? []
    : deferred
        .filter((entry) => entry.loadedAt !== undefined)
        .sort((one, other) => (one.loadedAt ?? 0) - (other.loadedAt ?? 0));
  const offered = [...atOnce, ...later].filter((entry) => !entry.isRemoved || entry.isUsed);
  const isOffered = new Set(offered);
  return {
    offered: offered.map(({ tool }) => tool),
    withheld: entries.filter((entry) => !isOffered.has(entry)).map(({ tool }) => tool),
    searchable: deferred.filter((entry) => !entry.isRemoved).map(({ tool }) => tool),
    withdrawn: offered.filter((entry) => entry.isRemoved).map(({ tool }) => tool),
    unrunnable: withoutSearches(track.unrunnable),
    notes: [...track.notes],
  };
}

/**
 * Tools that must not be left out: those that the conversation uses, has found by a search, adds or chooses, and those
 * that run here.
 */
export function findWanted(
  request: CountTokensRequest,
  ownTools: readonly OwnTool[],
): ReadonlySet<CallableTool> {
  const wanted = new Set(ownTools.map(({ tool }) => tool));
  for (const { tool, loadedAt } of trackTools(request, ownTools).tools.values())
    if (loadedAt !== undefined) wanted.add(tool);
  return wanted;
}

function trackTools(request: CountTokensRequest, ownTools: readonly OwnTool[]): ToolTrack {
  const track = createToolTrack(request.tools ?? [], ownTools);
  for (const { content } of request.messages) for (const block of content) trackBlock(track, block);
  if (request.tool_choice?.type === "tool") loadTool(track, request.tool_choice.name);
  return track;
}

/** The lists of tools that no conversation can change, by the first tool of each. */
const fixedLists = new WeakMap<Tool, { readonly declared: readonly Tool[]; readonly list: ToolList }>();

/**
 * The list for tools of which none is deferred; undefined for others, because then the conversation decides. It is the
 * same object for the same tools, which a client sends with every turn.
 */
function listFixed(declared: readonly Tool[]): ToolList | undefined {
  const [first] = declared;
  if (!first) return noTools;
  const known = fixedLists.get(first);
  if (known && hasSameItems(known.declared, declared)) return known.list;
  if (declared.some(isDeferred)) return undefined;
  const track = createToolTrack(declared, []);
  const offered = [...track.tools.values()].map(({ tool }) => tool);
  const list = { ...noTools, offered, unrunnable: withoutSearches(track.unrunnable) };
  fixedLists.set(first, { declared, list });
  return list;
}

function isDeferred(tool: Tool): boolean {
  return readTool(tool)?.some(({ isDeferred }) => isDeferred) === true;
}

/** A search among tools that is not run has nothing to find. */
function withoutSearches(tools: readonly TypedTool[]): TypedTool[] {
  return tools.filter(({ family }) => !isToolSearch(family));
}

/** The tool of that name: the client's own, else a member of a toolset, as a reference or a choice may name one. */
export function findTool(
  tools: readonly CallableTool[],
  name: string,
  toolset?: string,
): CallableTool | undefined {
  const named = tools.filter((tool) => tool.name === name);
  return named.find((tool) => tool.toolset === toolset) ?? (toolset === undefined ? named[0] : undefined);
}
