/**
 * Finds out about a JSON text without parsing it: how deeply it is nested, and where things in it end. A parser builds
 * all of a hostile text before anybody can look at it, and deeply nested values overflow the stack of whatever walks
 * them later.
 */

/** No real message, tool input or schema is nested this deeply. */
export const maxDepth = 500;

const quote = 34;
const backslash = 92;
const bracket = 91;
const closingBracket = 93;
const brace = 123;
const closingBrace = 125;
/** Characters in which a name and its colon are looked for. */
const maxName = 64;

/** Whether arrays and objects are nested more than `limit` levels deep. The text need not be valid JSON. */
export function isNestedDeeper(text: string, limit: number = maxDepth): boolean {
  // Most chunks of a stream are too short for it.
  if (text.length <= limit) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit === quote) at = findStringEnd(text, at);
    else if (unit === bracket || unit === brace) {
      depth += 1;
      if (depth > limit) return true;
    } else if (unit === closingBracket || unit === closingBrace) depth -= 1;
  }
  return false;
}

/** An object that is an item of a list, and that list a member of the outermost object. */
export type Item<Known = never> = {
  /** The list's name in that object; empty if it is not written in plain letters. */
  readonly list: string;
  readonly from: number;
  readonly to: number;
  /** What it was recognized as. */
  readonly known?: Known | undefined;
};

/**
 * Finds the long objects in the lists of the outermost object; undefined if anything is nested more than `limit` levels
 * deep. The text need not be valid JSON; then what is found means nothing.
 *
 * @param minLength shorter objects are left out, of which a hostile text may have millions
 * @param recognize tells whether the text at a place begins with a known object, in which nothing has to be looked for
 */
export function findItems<Known extends { readonly text: string } = never>(
  text: string,
  minLength: number,
  recognize: (at: number) => Known | undefined = () => undefined,
  limit: number = maxDepth,
): readonly Item<Known>[] | undefined {
  const items: Item<Known>[] = [];
  let depth = 0;
  /** Where the list begins that contains what comes now; undefined outside of one. */
  let listAt: number | undefined;
  let list: string | undefined;
  let from = 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit === quote) at = findStringEnd(text, at);
    else if (unit === bracket || unit === brace) {
      depth += 1;
      if (depth > limit) return undefined;
      if (depth === 2) {
        listAt = unit === bracket ? at : undefined;
        list = undefined;
      } else if (depth === 3) {
        from = at;
        const known = unit === brace && listAt !== undefined ? recognize(at) : undefined;
        if (known && listAt !== undefined) {
          list ??= nameBefore(text, listAt);
          at += known.text.length - 1;
          items.push({ list, from, to: at + 1, known });
          depth -= 1;
        }
      }
    } else if (unit === closingBracket || unit === closingBrace) {
      const to = at + 1;
      if (depth === 3 && listAt !== undefined && unit === closingBrace && to - from >= minLength) {
        list ??= nameBefore(text, listAt);
        items.push({ list, from, to });
      }
      depth -= 1;
    }
  }
  return items;
}

/** The name of the member whose value begins at `at`; empty if it is not written in plain letters. */
function nameBefore(text: string, at: number): string {
  return /"([a-z_]+)"\s*:\s*$/.exec(text.slice(Math.max(0, at - maxName), at))?.[1] ?? "";
}

/** Where the object that begins at `start` ends; undefined if there is none. */
export function findObjectEnd(data: string, start: number): number | undefined {
  if (data[start] !== "{") return undefined;
  let depth = 0;
  for (let at = start; at < data.length; at += 1) {
    const unit = data[at];
    if (unit === '"') at = findStringEnd(data, at);
    else if (unit === "{") depth += 1;
    else if (unit === "}") {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return undefined;
}

/**
 * The position of the quote that closes a string; the end of the text if there is none.
 *
 * @param start of the quote that opens it
 */
export function findStringEnd(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let escapes = 0;
    while (text.charCodeAt(end - 1 - escapes) === backslash) escapes += 1;
    if (escapes % 2 === 0) return end;
  }
  return text.length;
}
