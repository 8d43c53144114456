/**
 * Which tools a request offers: those in its list, with the changes made by the conversation. A pure function of the
 * request, so that every turn, every replica and the token count see the same list. A longer conversation only appends
 * to the list, unless its client removes a tool, so that the cached prefix stays valid.
 */

import { findClientTool, isToolSearch } from "../anthropic/tools/client-tools.ts";
import { findToolset } from "../anthropic/tools/toolsets.ts";
import type {
  CountTokensRequest,
  RequestBlock,
  Tool,
  ToolChangeBlock,
  TypedTool,
} from "../anthropic/wire.ts";
import { loadsToolsItself, toolPlaceholder } from "../catalog/claude-code/claude-code.ts";
import { isObject, type JsonObject } from "../lib/json.ts";

/** A tool as a function, whatever form the client used. */
export type CallableTool = {
  /** The client's name. Two toolsets, or a toolset and the client itself, may have tools of one name. */
  readonly name: string;
  readonly toolset?: string | undefined;
  readonly description?: string | undefined;
  readonly schema: JsonObject;
  readonly isStrict: boolean;
  readonly cacheControl: TypedTool["cache_control"];
};

export type ToolList = {
  /** The tools offered to the model, in this order. */
  readonly offered: readonly CallableTool[];
  /** Not loaded yet, or removed. The model may know one from elsewhere, and its call is accepted all the same. */
  readonly withheld: readonly CallableTool[];
  /** Removed, but still offered because the conversation contains calls of it. */
  readonly withdrawn: readonly CallableTool[];
  /** Offered, and either used by the conversation, found by a search, added, or chosen: these must not be left out. */
  readonly wanted: ReadonlySet<CallableTool>;
  /** Anthropic's tools that no client runs. */
  readonly unrunnable: readonly TypedTool[];
  /** What happened to the list, for the log. */
  readonly notes: readonly string[];
};

/**
 * The tools of a request. Deferred ones are left out until the conversation refers to them, if anything in it can. A
 * tool that was added in mid-conversation comes after those that the request declares.
 */
export function listTools(request: CountTokensRequest): ToolList {
  const declared = request.tools ?? [];
  const book = createBook(declared);
  for (const { content } of request.messages) content.forEach(book.read);
  if (request.tool_choice?.type === "tool") book.load(request.tool_choice.name);

  const entries = book.entries();
  const deferred = entries.filter((entry) => entry.isDeferred);
  const hasToolSearch = declared.some((tool) => tool.type === "typed" && isToolSearch(tool.family));
  const isAllLoaded =
    hasToolSearch ||
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
  const told = new Set(offered);
  return {
    offered: offered.map(({ tool }) => tool),
    withheld: entries.filter((entry) => !told.has(entry)).map(({ tool }) => tool),
    wanted: new Set(offered.filter((entry) => entry.loadedAt !== undefined).map(({ tool }) => tool)),
    withdrawn: offered.filter((entry) => entry.isRemoved).map(({ tool }) => tool),
    unrunnable: book.unrunnable.filter(({ family }) => !isToolSearch(family)),
    notes:
      hasToolSearch && deferred.length > 0
        ? ["offered all deferred tools at once: only Anthropic's servers run its tool search"]
        : [],
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

type Entry = {
  tool: CallableTool;
  isDeferred: boolean;
  /** Its place in the order of first mentions, which loaded it. */
  loadedAt: number | undefined;
  isRemoved: boolean;
  /** The conversation contains a call of it. */
  isUsed: boolean;
};

type Book = {
  readonly unrunnable: TypedTool[];
  entries(): Entry[];
  read(block: RequestBlock): void;
  load(name: string): void;
};

/** Updates the list while the conversation is read from its beginning. */
function createBook(declared: readonly Tool[]): Book {
  const entries = new Map<string, Entry>();
  const unrunnable: TypedTool[] = [];
  let loads = 0;

  function define(tool: Tool, isAddition: boolean): void {
    if (tool.name === toolPlaceholder) return;
    const found = readTool(tool);
    if (!found && tool.type === "typed") unrunnable.push(tool);
    for (const { tool: callable, isDeferred } of found ?? []) {
      const key = `${callable.toolset ?? ""}/${callable.name}`;
      const known = entries.get(key);
      if (known) Object.assign(known, { tool: callable, isRemoved: false });
      else
        entries.set(key, {
          tool: callable,
          isDeferred: isDeferred || isAddition,
          loadedAt: undefined,
          isRemoved: false,
          isUsed: false,
        });
      if (isAddition) load(callable.name, callable.toolset);
    }
  }

  /** Everything that a name may mean: a tool, else the members of that name, else all members of that toolset. */
  function named(name: string, toolset?: string): Entry[] {
    const own = entries.get(`${toolset ?? ""}/${name}`);
    if (own) return [own];
    if (toolset !== undefined) return [];
    const members = [...entries.values()].filter(({ tool }) => tool.toolset !== undefined);
    const alike = members.filter(({ tool }) => tool.name === name);
    return alike.length > 0 ? alike : members.filter(({ tool }) => tool.toolset === name);
  }

  function load(name: string, toolset?: string): void {
    for (const entry of named(name, toolset)) entry.loadedAt ??= loads++;
  }

  function change({ type, tool }: ToolChangeBlock): void {
    if (type === "tool_addition" && tool?.type === "tool_definition") return define(tool.definition, true);
    if (tool?.type !== "tool_reference") return;
    for (const entry of named(tool.name)) entry.isRemoved = type === "tool_removal";
    if (type === "tool_addition") load(tool.name);
  }

  for (const tool of declared) define(tool, false);
  return {
    unrunnable,
    load,
    entries: () => [...entries.values()],
    read(block) {
      switch (block.type) {
        case "tool_use":
          for (const entry of named(block.name, block.toolset_name)) entry.isUsed = true;
          return load(block.name, block.toolset_name);
        case "tool_result":
          for (const part of block.content ?? []) if (part.type === "tool_reference") load(part.tool_name);
          return;
        case "tool_search_tool_result":
          for (const name of referencesIn(block.content)) load(name);
          return;
        case "tool_addition":
        case "tool_removal":
          return change(block);
        case "compaction":
          return block.tool_changes?.forEach(change);
        default:
          return;
      }
    },
  };
}

/** The functions for a tool; undefined if no client runs it. */
function readTool(tool: Tool): { tool: CallableTool; isDeferred: boolean }[] | undefined {
  const isDeferred = tool.defer_loading === true;
  const cacheControl = tool.cache_control;
  if (tool.type === "custom") {
    const { name, description, input_schema: schema, strict } = tool;
    const callable = { name, description: description ?? undefined, schema, isStrict: strict === true };
    return [{ tool: { ...callable, cacheControl }, isDeferred }];
  }
  const toolset = findToolset(tool);
  if (toolset) {
    return toolset.members.map(({ isDeferred, ...member }, i) => ({
      // The cache mark goes on the last tool of the set.
      tool: {
        ...member,
        toolset: toolset.name,
        isStrict: false,
        cacheControl: i === toolset.members.length - 1 ? cacheControl : undefined,
      },
      isDeferred,
    }));
  }
  const known = tool.name === undefined ? undefined : findClientTool(tool);
  if (!known || tool.name === undefined) return undefined;
  return [{ tool: { name: tool.name, ...known, isStrict: false, cacheControl }, isDeferred }];
}

/** What Anthropic's tool search had found, in a session that began there. */
function referencesIn(content: unknown): string[] {
  const references =
    isObject(content) && Array.isArray(content.tool_references) ? content.tool_references : [];
  return references.flatMap((one: unknown) =>
    isObject(one) && typeof one.tool_name === "string" ? [one.tool_name] : [],
  );
}
