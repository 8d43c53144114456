import { carriageReturn, newline, space } from "./character-codes.ts";

/** Text around the part in which otherwise equal data differs, on one line. */
export type Outline = {
  readonly before: string;
  readonly after: string;
  /**
   * How the data ends, if letters and digits stand between `after` and its end that mean nothing: some servers pad
   * events with them, to hide how long a part is.
   */
  readonly end?: string | undefined;
};

/** Events in a row, by the part in which they differ, and where the next event begins. */
type SseRun = { readonly parts: readonly string[]; readonly end: number };

/** Reads events in a row that have nothing but data of one outline. */
export class SseRunReader {
  readonly #spaced: string;
  readonly #tight: string;
  readonly #after: string;
  readonly #end: string | undefined;
  /** What follows the part, up to the next event; undefined if that is not always the same. */
  readonly #close: string | undefined;
  readonly #closeWithReturns: string;

  constructor({ before, after, end }: Outline) {
    this.#spaced = `data: ${before}`;
    this.#tight = `data:${before}`;
    this.#after = after;
    this.#end = end;
    this.#close = end === undefined ? `${after}\n\n` : undefined;
    this.#closeWithReturns = `${after}\r\n\r\n`;
  }

  /**
   * A fast server sends dozens of events at once; to take each apart, line by line, is most of what they cost.
   *
   * @param at where the first event begins
   * @param part what may be between the outline's texts: all of it, and no line end
   * @param max number of events
   */
  read(text: string, at: number, part: RegExp, max = Number.POSITIVE_INFINITY): SseRun {
    let start = text.charCodeAt(at + "data:".length) === space ? this.#spaced : this.#tight;
    const only = this.#readOnly(text, at + start.length, part);
    if (only !== undefined && text.startsWith(start, at)) return { parts: [only], end: text.length };
    const parts: string[] = [];
    let after = this.#after;
    let next = at;
    while (parts.length < max && text.startsWith(start, next)) {
      const from = next + start.length;
      const line = text.indexOf("\n", from);
      // An event ends with a blank line.
      if (line === -1 || text.charCodeAt(line + 1) !== newline) break;
      const to = findPartEnd(text, from, line, after, this.#end);
      if (to === -1) break;
      const found = text.slice(from, to);
      if (!part.test(found)) break;
      // A text has one or two bytes for each character, and is compared with one of the other kind ten times as slowly.
      if (parts.length === 1) {
        start = text.slice(next, from);
        after = text.slice(to, to + after.length);
      }
      parts.push(found);
      next = line + 2;
    }
    return { parts, end: next };
  }

  /**
   * The part that begins at a place, if nothing follows its event, as when each is sent by itself. The end of its line
   * need not be searched for then, and may be CRLF, but only here.
   */
  #readOnly(text: string, from: number, part: RegExp): string | undefined {
    if (this.#close === undefined) return undefined;
    const hasReturns = text.charCodeAt(text.length - 2) === carriageReturn;
    const close = hasReturns ? this.#closeWithReturns : this.#close;
    if (!text.endsWith(close)) return undefined;
    const to = text.length - close.length;
    const found = to < from ? undefined : text.slice(from, to);
    return found !== undefined && part.test(found) ? found : undefined;
  }
}

/**
 * Where the part ends in data of an outline that has these texts after it; -1 in other data.
 *
 * @param from where the part begins
 * @param to where the data ends
 */
export function findPartEnd(
  text: string,
  from: number,
  to: number,
  after: string,
  end: string | undefined,
): number {
  let close = to;
  if (end !== undefined) {
    close -= end.length;
    if (close < from || !text.startsWith(end, close)) return -1;
    while (close > from && isPadding(text.charCodeAt(close - 1))) close -= 1;
  }
  const at = close - after.length;
  return at >= from && text.startsWith(after, at) ? at : -1;
}

function isPadding(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || (code >= 65 && code <= 90);
}
