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

type Entry<Value> = { value: Value; readonly weight: number; isUsed: boolean };

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
  /** Points to the oldest entry. A new iterator would first walk over the gaps of all that were deleted before it. */
  let oldest: MapIterator<[Key, Entry<Value>]> | undefined;

  function remove(key: Key): void {
    const entry = entries.get(key);
    if (!entry) return;
    entries.delete(key);
    weight -= entry.weight;
    // An iterator that stands still would keep alive whatever the map has outgrown.
    oldest = undefined;
  }

  function makeRoom(limit: number): void {
    while (weight > limit) {
      oldest ??= entries.entries();
      const { value } = oldest.next();
      if (!value) {
        oldest = undefined;
        continue;
      }
      const [key, entry] = value;
      entries.delete(key);
      if (entry.isUsed) {
        entry.isUsed = false;
        // Now it is the newest.
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
      const before = entries.get(key);
      const added = { value, weight: weigh(value), isUsed: before !== undefined };
      if (before?.weight === added.weight) {
        before.value = value;
        before.isUsed = true;
        return;
      }
      remove(key);
      if (added.weight > maxWeight) return;
      makeRoom(maxWeight - added.weight);
      entries.set(key, added);
      weight += added.weight;
    },
    delete: remove,
    get size() {
      return entries.size;
    },
  };
}
