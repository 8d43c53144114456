/** Finds strings in a JSON text without parsing it, so that one can be replaced and the rest left as it is. */
import {
  closingBrace,
  closingBracket,
  doubleQuote,
  openingBrace,
  openingBracket,
} from "./character-codes.ts";
import { parseJson } from "./json.ts";
import { findStringEnd } from "./scan-json.ts";

const opening: ReadonlySet<number> = new Set([openingBracket, openingBrace]);
const closing: ReadonlySet<number> = new Set([closingBracket, closingBrace]);

/** Where something is in a text. */
type StringPlace = { readonly from: number; readonly to: number };

/**
 * Where the strings are, with their quotes, that are the values of a member. There are several if a name is repeated.
 *
 * @param path the names that lead to it from the outermost object
 */
export function findStrings(text: string, path: readonly string[]): readonly StringPlace[] {
  const found: StringPlace[] = [];
  let depth = 0;
  /** How many of the open objects are on the path, from the outermost one. */
  let onPath = 1;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (opening.has(unit)) depth += 1;
    else if (closing.has(unit)) {
      depth -= 1;
      onPath = Math.min(onPath, depth);
    }
    if (unit !== doubleQuote) continue;
    const end = findStringEnd(text, at);
    const value = depth === onPath ? findValue(text, end + 1) : undefined;
    if (value !== undefined && isNamed(text.slice(at, end + 1), path[depth - 1])) {
      const first = text.charCodeAt(value);
      if (depth < path.length && first === openingBrace) onPath = depth + 1;
      if (depth === path.length && first === doubleQuote) {
        found.push({ from: value, to: findStringEnd(text, value) + 1 });
      }
    }
    at = end;
  }
  return found;
}

/** Where the value begins that belongs to a name; undefined if no colon follows, so that it is no name. */
function findValue(text: string, afterName: number): number | undefined {
  const rest = /\s*(:?)\s*/y;
  rest.lastIndex = afterName;
  return rest.exec(text)?.[1] === ":" ? rest.lastIndex : undefined;
}

/** @param written a name with its quotes, of which any letter may be escaped */
function isNamed(written: string, name: string | undefined): boolean {
  if (name === undefined) return false;
  return written === `"${name}"` || (written.includes("\\") && parseJson(written) === name);
}
