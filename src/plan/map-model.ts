/** Maps a client's model name to a model of the backend. */
import { type Family, pickerPrefix } from "../catalog/claude-code/claude-code.ts";
import type { Config } from "../config/read-config.ts";

export type Tier = keyof Config["models"];

/** The word that selects a tier in a client's model name. Checked in this order, in case a name contains two. */
export const familyOf = {
  big: "opus",
  middle: "sonnet",
  small: "haiku",
} as const satisfies Record<Tier, Family>;

export const tiers = ["big", "middle", "small"] as const satisfies readonly Tier[];

const aliasPrefix = `${pickerPrefix}/`;

/** The name under which a client's picker shows a model of the backend; `mapModel` reverses it. */
export function aliasFor(backendModel: string): string {
  return aliasPrefix + backendModel;
}

/**
 * The backend's name of the model. A name that contains a tier's family, in any case, becomes the tier's model; an
 * alias becomes its own model; every other name is unchanged. Claude Code's `[1m]`, or any other suffix in brackets,
 * is removed.
 */
export function mapModel(requested: string, models: Config["models"]): string {
  const name = withoutMark(requested);
  const tier = tierOf(name);
  return tier ? models[tier] : withoutAlias(name);
}

/** The tier that a client's model name selects, if any. Only the family word counts: full names change too often. */
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
