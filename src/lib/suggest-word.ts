/** Suggests what someone may have meant who mistyped a word. */

/** The end of an error message: the nearest known word, or where all of them are listed. */
export function suggest(word: string, known: readonly string[]): string {
  const nearest = findNearest(word, known);
  return nearest === undefined ? "; see --help" : `; did you mean ${nearest}?`;
}

/** The known word that differs least, if that is little for its length: two letters of a short word are another word. */
export function findNearest(word: string, known: readonly string[]): string | undefined {
  const [nearest] = known
    .map((candidate) => ({ candidate, distance: editDistance(word, candidate) }))
    .filter(({ candidate, distance }) => distance <= allowed(word, candidate))
    .sort((a, b) => a.distance - b.distance);
  return nearest?.candidate;
}

/** A third of the longer word, or two letters that have changed places. */
function allowed(word: string, candidate: string): number {
  const isSwapped = word.length >= 3 && [...word].sort().join() === [...candidate].sort().join();
  return Math.max(isSwapped ? 2 : 0, Math.floor(Math.max(word.length, candidate.length) / 3));
}

/** Whether at most one letter is inserted, deleted or replaced. Cheaper than the distance, for many words. */
export function isNearly(from: string, to: string): boolean {
  if (Math.abs(from.length - to.length) > 1) return false;
  let same = 0;
  while (same < from.length && from[same] === to[same]) same += 1;
  const fromRest = from.slice(same + (from.length >= to.length ? 1 : 0));
  const toRest = to.slice(same + (to.length >= from.length ? 1 : 0));
  return fromRest === toRest;
}

/** Whether the words differ in nothing but two neighboring letters that have changed places. */
export function isTransposed(from: string, to: string): boolean {
  if (from.length !== to.length) return false;
  let same = 0;
  while (same < from.length && from[same] === to[same]) same += 1;
  const isSwapped = from[same] === to[same + 1] && from[same + 1] === to[same];
  return isSwapped && from.slice(same + 2) === to.slice(same + 2);
}

/** Levenshtein distance: the fewest letters to insert, delete or replace. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1];
    for (const [column, other] of [...to].entries()) {
      const above = row[column + 1] ?? 0;
      const left = next[column] ?? 0;
      const diagonal = row[column] ?? 0;
      next.push(Math.min(above + 1, left + 1, diagonal + (letter === other ? 0 : 1)));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
