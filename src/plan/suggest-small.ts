/** A cheaper relative of a model, for background tasks. */
import type { ModelFacts } from "../catalog/models.ts";

/** Words for small models, smallest first. */
const smallWords = ["nano", "lite", "flash", "haiku", "mini", "small", "air"] as const;

/** The model with the name of the big one and a word for small; undefined if there is none. */
export function suggestSmall(big: string, models: readonly Pick<ModelFacts, "id">[]): string | undefined {
  for (const word of smallWords) {
    const found = models.find(({ id }) => {
      const rest = id.startsWith(big) ? id.slice(big.length) : undefined;
      return rest !== undefined && new RegExp(`^[-.:]${word}$`).test(rest);
    });
    if (found) return found.id;
  }
  return undefined;
}
