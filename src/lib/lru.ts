/** A bounded memory: of more entries than it holds, the one that was not asked for the longest time goes. */

export type Lru<Key, Value> = {
  get(key: Key): Value | undefined;
  set(key: Key, value: Value): void;
  delete(key: Key): void;
  readonly size: number;
};

export function createLru<Key, Value>(maxEntries: number): Lru<Key, Value> {
  const entries = new Map<Key, { readonly value: Value }>();
  return {
    get(key) {
      const entry = entries.get(key);
      if (!entry) return undefined;
      entries.delete(key);
      entries.set(key, entry);
      return entry.value;
    },
    set(key, value) {
      entries.delete(key);
      entries.set(key, { value });
      if (entries.size > maxEntries) for (const oldest of entries.keys()) return void entries.delete(oldest);
    },
    delete(key) {
      entries.delete(key);
    },
    get size() {
      return entries.size;
    },
  };
}
