/**
 * A bounded map. When the weights would exceed the limit, the oldest entries are dropped; those that were used since they
 * became the oldest get another turn. So nothing has to be moved when an entry is used, which happens far more often.
 */

type Lru<Key, Value> = {
  get(key: Key): Value | undefined;
  set(key: Key, value: Value): void;
  delete(key: Key): void;
  readonly size: number;
};

type Entry<Value> = { readonly value: Value; readonly weight: number; isUsed: boolean };

/**
 * @param maxWeight limit on the sum of all weights; an entry heavier than that is not kept
 * @param weigh an entry's weight; 1 by default, so that `maxWeight` is the number of entries
 */
export function createLru<Key, Value>(
  maxWeight: number,
  weigh: (value: Value) => number = () => 1,
): Lru<Key, Value> {
  const entries = new Map<Key, Entry<Value>>();
  let weight = 0;

  function remove(key: Key): void {
    const entry = entries.get(key);
    if (entry && entries.delete(key)) weight -= entry.weight;
  }

  function makeRoom(limit: number): void {
    for (const [key, entry] of entries) {
      if (weight <= limit) return;
      entries.delete(key);
      if (entry.isUsed) {
        entry.isUsed = false;
        // Comes once more in this loop.
        entries.set(key, entry);
      } else weight -= entry.weight;
    }
  }

  return {
    get(key) {
      const entry = entries.get(key);
      if (!entry) return undefined;
      entry.isUsed = true;
      return entry.value;
    },
    set(key, value) {
      const isUsed = entries.has(key);
      remove(key);
      const entry = { value, weight: weigh(value), isUsed };
      if (entry.weight > maxWeight) return;
      makeRoom(maxWeight - entry.weight);
      entries.set(key, entry);
      weight += entry.weight;
    },
    delete: remove,
    get size() {
      return entries.size;
    },
  };
}
