/**
 * The models of the three tiers, where the operator has left some open: what the backend's list offers, as soon as
 * there is a list.
 */
import type { Catalog, ModelFacts } from "../catalog/models.ts";
import type { Config } from "../config/read-config.ts";
import { type Tier, tiers } from "./map-model.ts";

/** Models that do not answer chats, by the words that their names contain. */
const otherPurposes =
  /embed|rerank|whisper|transcri|speech|\btts\b|audio|realtime|dall-e|image|video|moderation|guard|\bocr\b|\bbge\b|\bclip\b/i;

/** Where a tier's models come from. */
type Source = {
  readonly catalog: Pick<Catalog, "all">;
  /** A model that the backend is known for; chosen if it is listed. */
  readonly suggested: string;
};

/**
 * The given models, with open tiers filled in at the moment they are read: as the tier above at the same backend, else
 * from the list. A tier stays "" while no list is known.
 *
 * @param sourceOf the same object for tiers of the same backend
 */
export function fillTiers(given: Config["models"], sourceOf: (tier: Tier) => Source): Config["models"] {
  const fill = (tier: Tier): string => {
    const source = sourceOf(tier);
    const above = tiers.slice(0, tiers.indexOf(tier)).toReversed();
    const found = [tier, ...above].find((other) => given[other] !== "" && sourceOf(other) === source);
    return found ? given[found] : (chooseListed(source.catalog.all(), source.suggested)?.id ?? "");
  };
  return {
    get big() {
      return fill("big");
    },
    get middle() {
      return fill("middle");
    },
    get small() {
      return fill("small");
    },
  };
}

/** Whether the backend's list has to decide. */
export function leavesOpen(models: Config["models"]): boolean {
  return models.big === "" || models.middle === "" || models.small === "";
}

/** The only model; else the suggested one; else, of those that take tools, the first of those with the largest window. */
export function chooseListed(models: readonly ModelFacts[], suggested: string): ModelFacts | undefined {
  const chats = models.filter(({ id }) => !otherPurposes.test(id));
  const found = chats.find(({ id }) => id === suggested);
  if (found) return found;
  const takesTools = ({ supportedParameters: names }: ModelFacts) => names?.includes("tools") !== false;
  const candidates = [chats.filter(takesTools), chats, models].find((list) => list.length > 0) ?? [];
  return candidates.toSorted((a, b) => (b.contextWindow ?? 0) - (a.contextWindow ?? 0))[0];
}
