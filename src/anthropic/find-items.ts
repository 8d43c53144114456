/** Finds the long objects in the lists of a body without parsing it: messages, tools and blocks of the system prompt. */
import {
  backslash,
  closingBrace,
  closingBracket,
  doubleQuote,
  openingBrace,
  openingBracket,
} from "../lib/character-codes.ts";
import { maxDepth } from "../lib/scan-json.ts";

/** An object that is an item of a list, and that list a member of the outermost object. */
export type Item<Known = never> = {
  /** The list's name in that object; empty if it is not written in plain letters. */
  readonly list: string;
  readonly from: number;
  readonly to: number;
  /** What it was recognized as. */
  readonly known?: Known | undefined;
};

/** Characters in which a name and its colon are looked for. */
const maxName = 64;

/**
 * The long objects in the lists of the outermost object; undefined if anything is nested more than `limit` levels deep.
 * The bytes need not be valid JSON; then what is found means nothing.
 *
 * @param json its bytes, since what is looked for is ASCII: nothing has to be decoded or copied for it
 * @param minLength shorter objects are left out, of which a hostile text may have millions
 * @param recognize tells whether a known object begins at a place, in which nothing has to be looked for
 */
export function findItems<Known extends { readonly bytes: Uint8Array } = never>(
  json: Buffer,
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
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at];
    if (byte === doubleQuote) at = findStringEnd(json, at);
    else if (byte === openingBracket || byte === openingBrace) {
      depth += 1;
      if (depth > limit) return undefined;
      if (depth === 2) {
        listAt = byte === openingBracket ? at : undefined;
        list = undefined;
      } else if (depth === 3) {
        from = at;
        const known = byte === openingBrace && listAt !== undefined ? recognize(at) : undefined;
        if (known && listAt !== undefined) {
          list ??= nameBefore(json, listAt);
          at += known.bytes.length - 1;
          items.push({ list, from, to: at + 1, known });
          depth -= 1;
        }
      }
    } else if (byte === closingBracket || byte === closingBrace) {
      const to = at + 1;
      if (depth === 3 && listAt !== undefined && byte === closingBrace && to - from >= minLength) {
        list ??= nameBefore(json, listAt);
        items.push({ list, from, to });
      }
      depth -= 1;
    }
  }
  return items;
}

/** The name of the member whose value begins at `at`; empty if it is not written in plain letters. */
function nameBefore(json: Buffer, at: number): string {
  return /"([a-z_]+)"\s*:\s*$/.exec(json.toString("latin1", Math.max(0, at - maxName), at))?.[1] ?? "";
}

/** The position of the quote that closes a string, as in `lib/scan-json.ts`. */
function findStringEnd(json: Buffer, start: number): number {
  for (let end = json.indexOf(doubleQuote, start + 1); end !== -1; end = json.indexOf(doubleQuote, end + 1)) {
    let escapes = 0;
    while (json[end - 1 - escapes] === backslash) escapes += 1;
    if (escapes % 2 === 0) return end;
  }
  return json.length;
}
