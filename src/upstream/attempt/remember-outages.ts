/**
 * Places that have just failed in every attempt of a request. Clients such as Claude Code repeat a failed request ten
 * times; if each of those were repeated as well, one outage would cost dozens of calls.
 */
import { createLru } from "../../lib/lru.ts";
import { placeKey, type Target } from "../../plan/choose-target.ts";

type Place = Pick<Target, "model" | "url">;

export type Outages = {
  /** Whether the place failed a short time ago, and has not answered since. */
  lasts(place: Place): boolean;
  begin(place: Place): void;
  end(place: Place): void;
};

/** Longer than a client waits between two of its attempts, ms. */
const memoryMs = 120_000;

/**
 * @param maxPlaces how many are remembered
 * @param now current time in milliseconds; for tests
 */
export function createOutages(maxPlaces = 256, now: () => number = Date.now): Outages {
  const failedAt = createLru<string, number>(maxPlaces);
  return {
    // A clock that is set back must not make it last.
    lasts: (place) =>
      failedAt.size > 0 &&
      Math.abs(now() - (failedAt.get(placeKey(place)) ?? Number.NEGATIVE_INFINITY)) < memoryMs,
    begin: (place) => failedAt.set(placeKey(place), now()),
    end(place) {
      if (failedAt.size > 0) failedAt.delete(placeKey(place));
    },
  };
}
