/** What a conversation does to its tools: it loads, uses, adds and removes them. */
import type { RequestBlock, Tool, ToolChangeBlock, TypedTool } from "../anthropic/wire.ts";
import { toolPlaceholder } from "../catalog/claude-code/claude-code.ts";
import { isObject } from "../lib/json.ts";
import type { OwnTool } from "./own-tools.ts";
import { type CallableTool, readTool, toolKey } from "./read-tool.ts";

type TrackedTool = {
  tool: CallableTool;
  isDeferred: boolean;
  /** Its place in the order of first mentions, which loaded it. */
  loadedAt: number | undefined;
  isRemoved: boolean;
  /** The conversation contains a call of it. */
  isUsed: boolean;
};

/** The tools so far, while the conversation is read from its beginning. */
export type ToolTrack = {
  /** By toolset and name. */
  readonly tools: Map<string, TrackedTool>;
  /** Anthropic's tools that no client runs. */
  readonly unrunnable: TypedTool[];
  loads: number;
  /** What could not be done, for the log. */
  readonly notes: Set<string>;
};

const fresh = { isDeferred: false, loadedAt: undefined, isRemoved: false, isUsed: false };

export function createToolTrack(declared: readonly Tool[], ownTools: readonly OwnTool[]): ToolTrack {
  const track: ToolTrack = { tools: new Map(), unrunnable: [], loads: 0, notes: new Set() };
  for (const tool of declared) {
    const own = ownTools.find(({ declared }) => declared === tool);
    if (own) track.tools.set(toolKey(own.tool), { ...fresh, tool: own.tool });
    else define(track, tool, false);
  }
  return track;
}

/** Notes what a block of the conversation does. */
export function trackBlock(track: ToolTrack, block: RequestBlock): void {
  switch (block.type) {
    case "tool_use":
      for (const tool of findNamed(track, block.name, block.toolset_name)) tool.isUsed = true;
      return loadTool(track, block.name, block.toolset_name);
    case "tool_result":
      for (const part of block.content ?? [])
        if (part.type === "tool_reference") loadTool(track, part.tool_name);
      return;
    case "tool_search_tool_result":
      for (const name of referencesIn(block.content)) loadTool(track, name);
      return;
    case "tool_addition":
    case "tool_removal":
      return change(track, block);
    case "compaction":
      for (const made of block.tool_changes ?? []) change(track, made);
      return;
    default:
      return;
  }
}

/** Loads everything that the name may mean. */
export function loadTool(track: ToolTrack, name: string, toolset?: string): void {
  for (const tool of findNamed(track, name, toolset)) tool.loadedAt ??= track.loads++;
}

function define(track: ToolTrack, declared: Tool, isAddition: boolean): void {
  if (declared.name === toolPlaceholder) return;
  const functions = readTool(declared);
  if (!functions && declared.type === "typed") track.unrunnable.push(declared);
  for (const { tool, isDeferred } of functions ?? []) {
    const key = toolKey(tool);
    const known = track.tools.get(key);
    if (known) Object.assign(known, { tool, isRemoved: false });
    else track.tools.set(key, { ...fresh, tool, isDeferred: isDeferred || isAddition });
    if (isAddition) loadTool(track, tool.name, tool.toolset);
  }
}

function change(track: ToolTrack, { type, tool }: ToolChangeBlock): void {
  if (type === "tool_addition" && tool?.type === "tool_definition")
    return define(track, tool.definition, true);
  if (tool?.type !== "tool_reference") return;
  const known = findNamed(track, tool.name);
  for (const named of known) named.isRemoved = type === "tool_removal";
  if (known.length === 0 && type === "tool_addition")
    track.notes.add(`left out the added tool ${tool.name}, which the request does not declare`);
  if (type === "tool_addition") loadTool(track, tool.name);
}

/** Everything that a name may mean: a tool, else the members of that name, else all members of that toolset. */
function findNamed({ tools }: ToolTrack, name: string, toolset?: string): TrackedTool[] {
  const own = tools.get(toolKey({ name, toolset }));
  if (own) return [own];
  if (toolset !== undefined) return [];
  const members = [...tools.values()].filter(({ tool }) => tool.toolset !== undefined);
  const alike = members.filter(({ tool }) => tool.name === name);
  return alike.length > 0 ? alike : members.filter(({ tool }) => tool.toolset === name);
}

/** The names of the tools that a search among tools found, by the content of its result. */
export function referencesIn(content: unknown): string[] {
  const references =
    isObject(content) && Array.isArray(content.tool_references) ? content.tool_references : [];
  return references.flatMap((one: unknown) =>
    isObject(one) && typeof one.tool_name === "string" ? [one.tool_name] : [],
  );
}
