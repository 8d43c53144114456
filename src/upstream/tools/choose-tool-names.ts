/**
 * Tool names that every backend takes: at most 64 letters, digits, `_` and `-`. Claude Code's MCP tools may be longer
 * and may hold dots; they are renamed by a rule that depends on nothing but the name, so that history, the
 * prompt cache and another replica agree. Only a name that is already taken gives way. A toolset's member goes by
 * its own name, and where several tools have that name, by the toolset's and its own.
 */
import { createHash } from "node:crypto";

/** What the client calls a tool. */
export type ToolName = { readonly name: string; readonly toolset?: string | undefined };

export type ToolNames = {
  /** Without `toolset` also a member that is the only one to be meant, as references and choices name it. */
  toUpstream(name: string, toolset?: string): string;
  /** A name we never gave comes back as it is: models call tools from memory too. */
  toClient(name: string): ToolName;
};

const maxLength = 64;
const plain = /^[a-zA-Z0-9_-]{1,64}$/;

/** @param tools every tool that the request defines, in any order */
export function createToolNames(tools: Iterable<ToolName>): ToolNames {
  const all = [...tools];
  const upstreamNames = new Map<string, string>();
  const clientNames = new Map<string, ToolName>();
  const claim = (tool: ToolName, upstreamName: string) => {
    upstreamNames.set(keyOf(tool), upstreamName);
    clientNames.set(upstreamName, tool);
  };
  const isOwn = ({ toolset }: ToolName) => toolset === undefined;
  const own = all.filter(isOwn);
  for (const tool of own) if (plain.test(tool.name)) claim(tool, tool.name);
  const members = all.filter((tool) => !isOwn(tool));
  const isShared = ({ name, toolset }: ToolName) =>
    clientNames.has(name) || all.some((other) => other.name === name && other.toolset !== toolset);
  const wished = (tool: ToolName) => (isOwn(tool) || !isShared(tool) ? tool.name : longName(tool));
  const shared = new Map(members.map((tool) => [tool, wished(tool)]));
  for (const tool of [...members, ...own]) {
    if (upstreamNames.has(keyOf(tool))) continue;
    const name = shared.get(tool) ?? tool.name;
    let short = plain.test(name) ? name : shorten(name);
    for (let round = 1; clientNames.has(short); round++) short = shorten(name, round);
    claim(tool, short);
  }
  return {
    toUpstream(name, toolset) {
      const known = upstreamNames.get(keyOf({ name, toolset }));
      if (known !== undefined) return known;
      const member = toolset === undefined ? members.find((tool) => tool.name === name) : undefined;
      if (member) return upstreamNames.get(keyOf(member)) ?? name;
      const gone = wished({ name, toolset });
      return plain.test(gone) ? gone : shorten(gone);
    },
    toClient: (name) =>
      clientNames.get(name) ??
      members.find((tool) => tool.name === name || longName(tool) === name) ?? { name },
  };
}

function keyOf({ name, toolset = "" }: ToolName): string {
  return `${toolset}/${name}`;
}

function longName({ name, toolset }: ToolName): string {
  return `${toolset}_${name}`;
}

/** The beginning of the name and a hash of the whole, another one each round. */
function shorten(name: string, round = 0): string {
  const hash = createHash("sha256")
    .update(name + "!".repeat(round))
    .digest("hex")
    .slice(0, 8);
  return `${name.replace(/[^a-zA-Z0-9_-]/g, "_").slice(0, maxLength - 9)}_${hash}`;
}
