/**
 * Tool names that every backend takes: at most 64 letters, digits, `_` and `-`. Claude Code's MCP tools may be longer
 * and may hold dots; they are renamed by a rule that depends on nothing but the name, so that history, the
 * prompt cache and another replica agree.
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
  const clientNames = new Map<string, string>();
  for (const name of names) if (!plain.test(name)) clientNames.set(shorten(name), name);
  return {
    toUpstream: shorten,
    toClient: (name) => clientNames.get(name) ?? name,
  };
}

/** The name itself where it is plain, else its beginning and a hash of the whole. */
function shorten(name: string): string {
  if (plain.test(name)) return name;
  const hash = createHash("sha256").update(name).digest("hex").slice(0, 8);
  return `${name.replace(/[^a-zA-Z0-9_-]/g, "_").slice(0, longest - 9)}_${hash}`;
}
