/**
 * Which tools a request offers: those in its list, with the changes made by the conversation. A pure function of the
 * request, so that every turn, every replica and the token count see the same list. A longer conversation only appends
 * to the list, unless its client removes a tool, so that the cached prefix stays valid.
 */
import { isToolSearch } from "../anthropic/tools/find-client-tool.ts";
import type { CountTokensRequest, TypedTool } from "../anthropic/wire.ts";
import { loadsToolsItself } from "../catalog/claude-code/claude-code.ts";
import type { OwnTool } from "./own-tools.ts";
import type { CallableTool } from "./read-tool.ts";
import { createToolTrack, loadTool, trackBlock } from "./track-tools.ts";

export type ToolList = {
  /** The tools offered to the model, in this order. */
  readonly offered: readonly CallableTool[];
  /** Not loaded yet, or removed. The model may know one from elsewhere, and its call is accepted all the same. */
  readonly withheld: readonly CallableTool[];
  /** Removed, but still offered because the conversation contains calls of it. */
  readonly withdrawn: readonly CallableTool[];
  /**
   * Offered, and either used by the conversation, found by a search, added, or chosen, or run here: these must not be
   * left out.
   */
  readonly wanted: ReadonlySet<CallableTool>;
  /** What a search among tools may find: the deferred ones, loaded or not. */
  readonly searchable: readonly CallableTool[];
  /** Anthropic's tools that no client runs. */
  readonly unrunnable: readonly TypedTool[];
  /** What happened to the list, for the log. */
  readonly notes: readonly string[];
};

/** Short requests, as for a title, declare none, so nothing is sorted for them. */
const noTools = { offered: [], withheld: [], withdrawn: [], wanted: new Set<CallableTool>(), searchable: [] };

/**
 * The tools of a request. Deferred ones are left out until the conversation refers to them, if anything in it can. A
 * tool that was added in mid-conversation comes after those that the request declares.
 *
 * @param ownTools those of the request's tools that the proxy runs
 */
export function listTools(request: CountTokensRequest, ownTools: readonly OwnTool[]): ToolList {
  const track = createToolTrack(request.tools ?? [], ownTools);
  for (const { content } of request.messages) for (const block of content) trackBlock(track, block);
  if (request.tool_choice?.type === "tool") loadTool(track, request.tool_choice.name);

  // A search among tools that is not run has nothing to find.
  const unrunnable = track.unrunnable.filter(({ family }) => !isToolSearch(family));
  const notes = [...track.notes];
  if (track.tools.size === 0) return { ...noTools, unrunnable, notes };

  const entries = [...track.tools.values()];
  const deferred = entries.filter((entry) => entry.isDeferred);
  const isAllLoaded =
    loadsToolsItself(request) ||
    // Nothing could load them, as when a client has a single tool counted.
    deferred.length === entries.length;
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
    wanted: new Set([
      ...offered.filter((entry) => entry.loadedAt !== undefined).map(({ tool }) => tool),
      ...ownTools.map(({ tool }) => tool),
    ]),
    searchable: deferred.filter((entry) => !entry.isRemoved).map(({ tool }) => tool),
    withdrawn: offered.filter((entry) => entry.isRemoved).map(({ tool }) => tool),
    unrunnable,
    notes,
  };
}

/** The tool of that name: the client's own, else a member of a toolset, as a reference or a choice may name one. */
export function findTool(
  { offered, withheld }: Pick<ToolList, "offered" | "withheld">,
  name: string,
  toolset?: string,
): CallableTool | undefined {
  const named = [...offered, ...withheld].filter((tool) => tool.name === name);
  return named.find((tool) => tool.toolset === toolset) ?? (toolset === undefined ? named[0] : undefined);
}
