/** Which model of the backend a client's model name means. */
import { type Family, pickerPrefix } from "../catalog/claude-code/claude-code.ts";
import type { Config } from "../config/read-config.ts";

export type Tier = keyof Config["models"];

/** The family that stands for a tier in a client's model name. In this order, should a name ever hold two. */
export const familyOf = {
  big: "opus",
  middle: "sonnet",
  small: "haiku",
} as const satisfies Record<Tier, Family>;

export const tiers = ["big", "middle", "small"] as const satisfies readonly Tier[];

const aliasPrefix = `${pickerPrefix}/`;

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
  return tiers.find((tier) => name.includes(familyOf[tier]));
}

function withoutMark(name: string): string {
  return name.replace(/(?<=.)\[[^[\]]*\]$/, "");
}

function withoutAlias(name: string): string {
  return name.length > aliasPrefix.length && name.startsWith(aliasPrefix)
    ? name.slice(aliasPrefix.length)
    : name;
}
