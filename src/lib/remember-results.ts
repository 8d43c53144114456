/** Remembers the results of a function of one text. */
import { createLru } from "./lru.ts";

/** @param max results; those not asked for longest are dropped */
export function rememberResults<Result extends object>(
  find: (text: string) => Result,
  max: number,
): (text: string) => Result {
  const known = createLru<string, Result>(max);
  return (text) => {
    const before = known.get(text);
    if (before) return before;
    const result = find(text);
    known.set(text, result);
    return result;
  };
}
