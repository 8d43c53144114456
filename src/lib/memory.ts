/** Caches what is expensive to find out. Each thing is found out once, however many callers ask at the same time. */
import { createLru } from "./lru.ts";

export type Found<Value> = {
  readonly value: Value;
  /** How long the value is kept, ms; if not given, until it is evicted. */
  readonly holdsMs?: number;
};

type Memory<Value> = {
  /** The cached value, or what `find` finds. An error goes to all who wait, and is not cached. */
  recall(key: string, find: () => Promise<Found<Value>>): Promise<Value>;
  /** The cached value, also while it is still being found out. */
  known(key: string): Promise<Value> | undefined;
};

/**
 * @param maxEntries how many values are kept; beyond that, the least recently used is dropped
 * @param now current time in milliseconds; for tests
 */
export function createMemory<Value>(maxEntries: number, now: () => number = Date.now): Memory<Value> {
  const entries = createLru<string, { readonly value: Promise<Value>; until: number }>(maxEntries);

  function known(key: string): Promise<Value> | undefined {
    const entry = entries.get(key);
    return entry && entry.until > now() ? entry.value : undefined;
  }

  return {
    known,
    recall(key, find) {
      const value = known(key);
      if (value) return value;
      const entry = {
        until: Number.POSITIVE_INFINITY,
        value: find().then(
          ({ value, holdsMs }) => {
            if (holdsMs !== undefined) entry.until = now() + holdsMs;
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
