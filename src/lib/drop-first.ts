/** Drops the first of a map, which is the oldest, if it has more than `max`. */
export function dropFirst<Key>(map: Map<Key, unknown>, max: number): void {
  if (map.size <= max) return;
  const [first] = map.keys();
  if (first !== undefined) map.delete(first);
}
