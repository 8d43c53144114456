/** Caches what is expensive to find out. Each thing is found out once, however many callers ask at the same time. */
import { createLru } from "./lru.ts";

export type Found<Value> = {
  readonly value: Value;
  /** How long the value is kept, ms; if not given, until it is evicted. */
  readonly ttlMs?: number;
};

type AsyncCache<Value> = {
  /** The cached value, or what `find` finds. An error goes to all who wait, and is not cached. */
  getOrFind(key: string, find: () => Promise<Found<Value>>): Promise<Value>;
  /** The cached value, also while it is still being found out. */
  get(key: string): Promise<Value> | undefined;
};

/**
 * @param maxEntries how many values are kept; beyond that, the least recently used is dropped
 * @param now current time in milliseconds; for tests
 */
export function createAsyncCache<Value>(maxEntries: number, now: () => number = Date.now): AsyncCache<Value> {
  const entries = createLru<string, { readonly value: Promise<Value>; since: number; until: number }>(
    maxEntries,
  );

  function get(key: string): Promise<Value> | undefined {
    const entry = entries.get(key);
    const time = now();
    // If the clock was set back, an entry from the future would last too long.
    return entry && entry.since <= time && time < entry.until ? entry.value : undefined;
  }

  return {
    get,
    getOrFind(key, find) {
      const value = get(key);
      if (value) return value;
      const entry = {
        since: Number.NEGATIVE_INFINITY,
        until: Number.POSITIVE_INFINITY,
        value: find().then(
          ({ value, ttlMs }) => {
            if (ttlMs !== undefined) {
              entry.since = now();
              entry.until = entry.since + ttlMs;
            }
            return value;
          },
          (thrown: unknown) => {
            if (entries.get(key) === entry) entries.delete(key);
            throw thrown;
          },
        ),
      };
      entries.set(key, entry);
      return entry.value;
    },
  };
}
