/**
 * The models of the three tiers, where the operator has left some open: what the backend's list offers, as soon as
 * there is a list.
 */
import type { Catalog, ModelFacts } from "../catalog/models.ts";
import type { Config } from "../config/read-config.ts";

/** Models that do not answer chats, by the words that their names contain. */
const otherPurposes =
  /embed|rerank|whisper|transcri|speech|\btts\b|audio|realtime|dall-e|image|video|moderation|guard|\bocr\b|\bbge\b|\bclip\b/i;

/**
 * The given models, with open tiers filled in at the moment they are read. A tier stays "" while no list is known.
 *
 * @param suggested a model that the backend is known for; chosen if it is listed
 */
export function fillTiers(
  given: Config["models"],
  catalog: Pick<Catalog, "all">,
  suggested: string,
): Config["models"] {
  const choose = (): string => chooseListed(catalog.all(), suggested)?.id ?? "";
  return {
    get big() {
      return given.big || choose();
    },
    get middle() {
      return given.middle || given.big || choose();
    },
    get small() {
      return given.small || given.middle || given.big || choose();
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
