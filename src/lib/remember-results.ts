/** Remembers the results of a function of one text. */
import { createLru } from "./lru.ts";

/** Characters. A client may choose the text, and what is remembered must not grow with it. */
const maxLength = 1000;

/**
 * @param max how many results are kept; the least recently used are dropped
 * @param sources what the function depends on besides the text: all results are dropped when one of them returns another
 *   object than before
 */
export function rememberResults<Result extends object>(
  find: (text: string) => Result,
  max: number,
  sources: readonly (() => object)[] = [],
): (text: string) => Result {
  let known = createLru<string, Result>(max);
  const seen = sources.map((source) => source());

  function dropOld(): void {
    // Runs several times a request, so it makes no iterator.
    for (let at = 0; at < sources.length; at += 1) {
      const now = sources[at]?.();
      if (now === undefined || now === seen[at]) continue;
      seen[at] = now;
      known = createLru(max);
    }
  }

  return (text) => {
    dropOld();
    const before = known.get(text);
    if (before) return before;
    const result = find(text);
    if (text.length <= maxLength) known.set(text, result);
    return result;
  };
}
