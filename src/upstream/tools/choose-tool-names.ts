/**
 * Chooses tool names that every backend accepts: at most 64 letters, digits, `_` and `-`. Claude Code's MCP tools may
 * be longer and may contain dots. The new name depends only on the old one, so that history, the prompt cache and
 * another replica agree; only a name that is already taken gives way. A toolset's member keeps its own name; if
 * several tools have that name, the toolset's name is added.
 */
import { hasSameItems } from "../../lib/same-items.ts";
import type { ToolList } from "../../plan/list-tools.ts";
import { toolKey } from "../../plan/read-tool.ts";

/** The client's name of a tool. */
export type ToolName = { readonly name: string; readonly toolset?: string | undefined };

export type ToolNames = {
  /** Without `toolset`, also finds a member if it is the only one of that name, as references and choices do. */
  toUpstream(name: string, toolset?: string): string;
  /**
   * A name that differs from only one tool's in case, spaces and the like, or by a namespace in front, is that tool's.
   * Any other that we never gave comes back unchanged: models also call tools from memory.
   */
  toClient(name: string): ToolName;
};

/** How many lists of tools have their names remembered. */
const maxLists = 32;

/** Those of the last requests, the latest first. */
const recent: { readonly tools: readonly ToolName[]; readonly names: ToolNames }[] = [];

/** The names of a request's tools: the same object for the same tools, which a client sends with every request. */
export function findToolNames({ offered, withheld }: Pick<ToolList, "offered" | "withheld">): ToolNames {
  const tools = withheld.length === 0 ? offered : [...offered, ...withheld];
  const at = recent.findIndex((known) => hasSameItems(known.tools, tools));
  const found = recent[at] ?? { tools, names: createToolNames(tools) };
  if (at !== 0) {
    recent.splice(at === -1 ? maxLists - 1 : at, 1);
    recent.unshift(found);
  }
  return found.names;
}

const maxLength = 64;
const plain = /^[a-zA-Z0-9_-]{1,64}$/;

/** @param tools every tool that the request defines, in any order */
export function createToolNames(tools: Iterable<ToolName>): ToolNames {
  const all = [...tools];
  const upstreamNames = new Map<string, string>();
  const clientNames = new Map<string, ToolName>();
  const claim = (tool: ToolName, upstreamName: string) => {
    upstreamNames.set(toolKey(tool), upstreamName);
    clientNames.set(upstreamName, tool);
  };
  const isOwn = ({ toolset }: ToolName) => toolset === undefined;
  const own = all.filter(isOwn);
  for (const tool of own) if (plain.test(tool.name)) claim(tool, tool.name);
  const members = all.filter((tool) => !isOwn(tool));
  /** Most requests have no toolsets, and need none of it. */
  let toolsetsOf: ReturnType<typeof groupToolsets> | undefined;
  const isShared = ({ name, toolset }: ToolName) => {
    if (clientNames.has(name)) return true;
    toolsetsOf ??= groupToolsets(all);
    const others = toolsetsOf.get(name);
    return others !== undefined && others.size > (others.has(toolset) ? 1 : 0);
  };
  const preferred = (tool: ToolName) => (isOwn(tool) || !isShared(tool) ? tool.name : longName(tool));
  const shared = new Map(members.map((tool) => [tool, preferred(tool)]));
  for (const tool of [...members, ...own]) {
    if (upstreamNames.has(toolKey(tool))) continue;
    const name = shared.get(tool) ?? tool.name;
    let short = plain.test(name) ? name : shorten(name);
    for (let round = 1; clientNames.has(short); round++) short = shorten(name, round);
    claim(tool, short);
  }
  const memberNames = new Map<string, ToolName>();
  for (const tool of members.toReversed()) memberNames.set(longName(tool), tool);
  for (const tool of members.toReversed()) memberNames.set(tool.name, tool);
  return {
    toUpstream(name, toolset) {
      const known = upstreamNames.get(toolKey({ name, toolset }));
      if (known !== undefined) return known;
      const member = toolset === undefined ? memberNames.get(name) : undefined;
      if (member) return upstreamNames.get(toolKey(member)) ?? name;
      const gone = preferred({ name, toolset });
      return plain.test(gone) ? gone : shorten(gone);
    },
    toClient: (name) =>
      clientNames.get(name) ?? memberNames.get(name) ?? findAlike(clientNames, name) ?? { name },
  };
}

/** The toolsets that have a tool of a name. */
function groupToolsets(tools: readonly ToolName[]) {
  const byName = Map.groupBy(tools, ({ name }) => name);
  return new Map([...byName].map(([name, same]) => [name, new Set(same.map(({ toolset }) => toolset))]));
}

/** The only tool that a name can mean: as it is, or without what is before its last dot, colon or slash. */
function findAlike(tools: ReadonlyMap<string, ToolName>, name: string): ToolName | undefined {
  // Kimi's names are `functions.NAME:NUMBER`; gpt-oss's may have a channel behind them, others `()`.
  const bare = name.replace(/:\d+$/, "").replace(/(?:<\||\().*$/s, "");
  for (const meant of [bare, bare.replace(/^.*[.:/]/s, "")]) {
    const wanted = letters(meant);
    if (wanted === "") continue;
    const alike = [...tools].filter(
      ([sent, tool]) => letters(sent) === wanted || letters(tool.name) === wanted,
    );
    if (alike.length > 0) return alike.length === 1 ? alike[0]?.[1] : undefined;
  }
  return undefined;
}

function letters(name: string): string {
  return name.toLowerCase().replace(/[\s_.-]/g, "");
}

function longName({ name, toolset }: ToolName): string {
  return `${toolset}_${name}`;
}

/** The beginning of the name and a hash of the whole, a different one each round. */
function shorten(name: string, round = 0): string {
  const hash = Bun.CryptoHasher.hash("sha256", name + "!".repeat(round), "hex").slice(0, 8);
  return `${name.replace(/[^a-zA-Z0-9_-]/g, "_").slice(0, maxLength - 9)}_${hash}`;
}
