/** Where a key of a TOML text is written. The parser tells only where a text stops being TOML. */

/**
 * The line, from 1, on which the value at this path begins, or the nearest table around it; undefined if neither is
 * found. Good enough to point at: a text that only looks like a key, inside a longer string, may be taken for one.
 */
export function locateKey(text: string, path: readonly PropertyKey[]): number | undefined {
  const wanted = path.map(String);
  let table: readonly string[] = [];
  let best: { readonly depth: number; readonly line: number } | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    const [, header, key] =
      /^\s*(?:\[\[?(.+?)\]\]?\s*(?:#.*)?$|((?:"[^"]*"|'[^']*'|[\w.\s-])+?)\s*=)/.exec(line) ?? [];
    if (header !== undefined) table = splitKey(header);
    const own = header === undefined ? (key === undefined ? undefined : [...table, ...splitKey(key)]) : table;
    if (own === undefined || own.some((name, at) => wanted[at] !== name)) continue;
    if (best === undefined || own.length > best.depth) best = { depth: own.length, line: index + 1 };
  }
  return best?.line;
}

/** `a."b.c".d` has three parts. */
function splitKey(key: string): string[] {
  return [...key.matchAll(/"([^"]*)"|'([^']*)'|([\w-]+)/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare ?? "",
  );
}
