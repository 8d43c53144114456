/** Maps a client's model name to a model of the backend. */
import { type Family, largestFamily, pickerPrefix } from "../catalog/claude-code/claude-code.ts";
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

/** Whether the backend lists a model of exactly this name. */
type IsListed = (name: string) => boolean;
const nothingListed: IsListed = () => false;

/**
 * The backend's name of the model. A name of a tier, in any case, becomes the tier's model; an alias becomes its own
 * model; every other name is unchanged, and so is a tier's as long as its model is open. Claude Code's `[1m]`, or any
 * other suffix in brackets, is removed.
 */
export function mapModel(
  requested: string,
  models: Config["models"],
  isListed: IsListed = nothingListed,
): string {
  const name = withoutMark(requested);
  const tier = tierOf(name, isListed);
  // `*` stands for the name that the client asked for.
  return (tier && models[tier].replaceAll("*", () => name)) || withoutAlias(name);
}

/**
 * The tier that a client's model name selects, if any. Only the family word counts: full names change too often.
 * Clients have built-in names for background work that no setting replaces, so every other name of Claude's belongs to
 * a tier as well, unless the backend has a model of that name.
 */
export function tierOf(requested: string, isListed: IsListed = nothingListed): Tier | undefined {
  const name = withoutMark(requested).toLowerCase();
  if (withoutAlias(name) !== name) return undefined;
  const tier = tiers.find((tier) => name.includes(familyOf[tier]));
  if (tier) return tier;
  if (isListed(withoutMark(requested))) return undefined;
  if (name === largestFamily || name.startsWith(`${pickerPrefix}-${largestFamily}`)) return "big";
  return isUnknownClaude(name) ? "middle" : undefined;
}

/** Whether a name is Claude's, but of no family that is known. */
export function isUnknownClaude(requested: string): boolean {
  const name = withoutMark(requested).toLowerCase();
  const families = [...Object.values(familyOf), largestFamily];
  return name.startsWith(`${pickerPrefix}-`) && !families.some((family) => name.includes(family));
}

/** A client's name of a model without what its picker adds. */
export function plainName(name: string): string {
  return withoutAlias(withoutMark(name));
}

function withoutMark(name: string): string {
  return name.endsWith("]") ? name.replace(/(?<=.)\[[^[\]]*\]$/, "") : name;
}

function withoutAlias(name: string): string {
  return name.length > aliasPrefix.length && name.startsWith(aliasPrefix)
    ? name.slice(aliasPrefix.length)
    : name;
}
