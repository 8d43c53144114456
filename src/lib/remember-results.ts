/** Remembers the results of a function of one text. */
import { createLru } from "./lru.ts";

/** Characters. A client may choose the text, and what is remembered must not grow with it. */
const maxLength = 1000;

/**
 * @param max results; those not asked for longest are dropped
 * @param source what the function depends on besides the text: all results are dropped when it returns another object
 */
export function rememberResults<Result extends object>(
  find: (text: string) => Result,
  max: number,
  source?: () => object,
): (text: string) => Result {
  let known = createLru<string, Result>(max);
  let seen = source?.();
  return (text) => {
    const now = source?.();
    if (now !== seen) {
      known = createLru(max);
      seen = now;
    }
    const before = known.get(text);
    if (before) return before;
    const result = find(text);
    if (text.length <= maxLength) known.set(text, result);
    return result;
  };
}
