/**
 * Finds out about a JSON text without parsing it: how deeply it is nested, and where things in it end. A parser builds
 * all of a hostile text before it can be checked, and deeply nested values overflow the stack of whatever walks
 * them later.
 */
import {
  backslash,
  closingBrace,
  closingBracket,
  doubleQuote,
  openingBrace,
  openingBracket,
} from "./character-codes.ts";

/** No real message, tool input or schema is nested this deeply. */
export const maxDepth = 500;

/** Whether arrays and objects are nested more than `limit` levels deep. The text need not be valid JSON. */
export function isNestedDeeper(text: string, limit: number = maxDepth): boolean {
  // Most chunks of a stream are too short for it, and most other texts have too few brackets.
  if (text.length <= limit || !hasMore(text, limit)) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit === doubleQuote) at = findStringEnd(text, at);
    else if (unit === openingBracket || unit === openingBrace) {
      depth += 1;
      if (depth > limit) return true;
    } else if (unit === closingBracket || unit === closingBrace) depth -= 1;
  }
  return false;
}

/** Whether more than `limit` brackets open, in strings or not. */
function hasMore(text: string, limit: number): boolean {
  let count = 0;
  for (const bracket of ["{", "["]) {
    for (let at = text.indexOf(bracket); at !== -1; at = text.indexOf(bracket, at + 1)) {
      count += 1;
      if (count > limit) return true;
    }
  }
  return false;
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
