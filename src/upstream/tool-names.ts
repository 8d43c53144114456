/**
 * Tool names that every backend takes: at most 64 letters, digits, `_` and `-`. Claude Code's MCP tools may be longer
 * and may hold dots; they are renamed by a rule that depends on nothing but the name, so that history, the
 * prompt cache and another replica agree. Only a name that is already taken gives way.
 */
import { createHash } from "node:crypto";

export type ToolNames = {
  toUpstream(name: string): string;
  /** A name we never gave comes back as it is: models call tools from memory too. */
  toClient(name: string): string;
};

const longest = 64;
const plain = /^[a-zA-Z0-9_-]{1,64}$/;

/** @param names every name that the request defines, in any order */
export function createToolNames(names: Iterable<string>): ToolNames {
  const all = [...new Set(names)];
  const upstreamNames = new Map<string, string>();
  const clientNames = new Map(all.filter((name) => plain.test(name)).map((name) => [name, name]));
  for (const name of all.filter((name) => !plain.test(name))) {
    let short = shorten(name);
    for (let round = 1; clientNames.has(short); round++) short = shorten(name, round);
    upstreamNames.set(name, short);
    clientNames.set(short, name);
  }
  return {
    toUpstream: (name) => upstreamNames.get(name) ?? (plain.test(name) ? name : shorten(name)),
    toClient: (name) => clientNames.get(name) ?? name,
  };
}

/** The beginning of the name and a hash of the whole, another one each round. */
function shorten(name: string, round = 0): string {
  const hash = createHash("sha256")
    .update(name + "!".repeat(round))
    .digest("hex")
    .slice(0, 8);
  return `${name.replace(/[^a-zA-Z0-9_-]/g, "_").slice(0, longest - 9)}_${hash}`;
}
