/**
 * What refusals have taught us about backends, so that each mistake is made only once in the life of the process.
 * These are facts about servers, not about conversations: without them every answer is the same, one round trip later.
 */
import { createLru } from "../../lib/lru.ts";
import { placeKey } from "../../plan/choose-target.ts";
import type { Log } from "../../telemetry/log.ts";
import { type Correction, changesSameField, describeCorrection, isOpposite } from "../corrections.ts";
import { createMediaMemory, type MediaMemory, type ModelPlace } from "./remember-media.ts";
import { createOutages, type Outages } from "./remember-outages.ts";

export type Healing = {
  /** What is known about the place, in the order of learning. */
  learned(place: ModelPlace): readonly Correction[];
  /** Remembers corrections that worked. */
  learn(place: ModelPlace, corrections: readonly Correction[]): void;
  readonly media: MediaMemory;
  readonly outages: Outages;
};

const none: readonly Correction[] = [];

/** @param maxModels how many models are remembered; beyond that, the least recently used is forgotten */
export function createHealing(log: Log, maxModels = 256): Healing {
  const memory = createLru<string, readonly Correction[]>(maxModels);

  return {
    learned: (place) => (memory.size > 0 ? memory.get(placeKey(place)) : undefined) ?? none,
    learn(place, corrections) {
      const key = placeKey(place);
      for (const correction of corrections) {
        if (correction.once) continue;
        const known = memory.get(key) ?? [];
        // Each was true once. Knowing both would send the next request round in circles.
        if (known.some((other) => isOpposite(other, correction))) continue;
        const others = known.filter((other) => !changesSameField(other, correction));
        memory.set(key, [...others, correction]);
        const words = describeCorrection(correction);
        if (known.some((other) => describeCorrection(other) === words)) continue;
        log.warning(`Learned what ${place.model} accepts: ${words}`, { backend: place.backend.name });
      }
    },
    media: createMediaMemory(log, maxModels),
    outages: createOutages(maxModels),
  };
}
