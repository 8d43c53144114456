/**
 * A bounded map. When the weights exceed the limit, the least recently used entries are dropped. The order of use is
 * only kept once the map is half full: until then nothing is dropped soon.
 */

type Lru<Key, Value> = {
  get(key: Key): Value | undefined;
  set(key: Key, value: Value): void;
  delete(key: Key): void;
  readonly size: number;
};

/**
 * @param maxWeight limit on the sum of all weights; an entry heavier than that is not kept
 * @param weigh an entry's weight; 1 by default, so that `maxWeight` is the number of entries
 */
export function createLru<Key, Value>(
  maxWeight: number,
  weigh: (value: Value) => number = () => 1,
): Lru<Key, Value> {
  const entries = new Map<Key, { readonly value: Value; readonly weight: number }>();
  let weight = 0;

  function remove(key: Key): void {
    const entry = entries.get(key);
    if (entry && entries.delete(key)) weight -= entry.weight;
  }

  return {
    get(key) {
      const entry = entries.get(key);
      if (!entry) return undefined;
      if (weight > maxWeight / 2) {
        entries.delete(key);
        entries.set(key, entry);
      }
      return entry.value;
    },
    set(key, value) {
      remove(key);
      const entry = { value, weight: weigh(value) };
      if (entry.weight > maxWeight) return;
      entries.set(key, entry);
      weight += entry.weight;
      if (weight <= maxWeight) return;
      for (const oldest of entries.keys()) {
        if (weight <= maxWeight) return;
        remove(oldest);
      }
    },
    delete: remove,
    get size() {
      return entries.size;
    },
  };
}
