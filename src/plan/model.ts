/** Which model of the backend a client's model name means. */
import type { Config } from "../config/read-config.ts";

export type Tier = keyof Config["models"];

/** In this order, should a name ever hold two of the words. */
const tierWords: readonly (readonly [string, Tier])[] = [
  ["opus", "big"],
  ["sonnet", "middle"],
  ["haiku", "small"],
];

/** Claude Code's model picker keeps only names that begin with `claude` or `anthropic`. */
const aliasPrefix = "claude/";

/** The name under which a client's picker shows a model of the backend; `mapModel` takes it back. */
export function aliasFor(backendModel: string): string {
  return aliasPrefix + backendModel;
}

/**
 * The backend's name of the model: a tier's, when the client names a tier in any case; an alias's own; every other
 * name as it is. Claude Code's `[1m]` mark, or any other in brackets at the end, is dropped.
 */
export function mapModel(requested: string, models: Config["models"]): string {
  const name = withoutMark(requested);
  const tier = tierOf(name);
  return tier ? models[tier] : withoutAlias(name);
}

/** The tier that a client's model name stands for, if any. The family word decides: full names change too often. */
export function tierOf(requested: string): Tier | undefined {
  const name = withoutMark(requested).toLowerCase();
  if (withoutAlias(name) !== name) return undefined;
  return tierWords.find(([word]) => name.includes(word))?.[1];
}

function withoutMark(name: string): string {
  return name.replace(/(?<=.)\[[^[\]]*\]$/, "");
}

function withoutAlias(name: string): string {
  return name.length > aliasPrefix.length && name.startsWith(aliasPrefix)
    ? name.slice(aliasPrefix.length)
    : name;
}
