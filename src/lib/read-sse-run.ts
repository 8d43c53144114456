/** Text around the part in which otherwise equal data differs. */
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

/**
 * Reads the events from a place in a text on that have nothing but data of one outline. A fast server sends dozens of them
 * at once; to take each apart, line by line, is most of what they cost.
 *
 * @param at where the first event begins
 * @param part what may be between the outline's texts
 * @param max number of events
 */
export type SseRunReader = (text: string, at: number, part: RegExp, max?: number) => SseRun;

export function createSseRunReader(outline: Outline): SseRunReader {
  const start = `data: ${outline.before}`;
  const tightStart = `data:${outline.before}`;
  const stop = `${outline.after}\n\n`;
  /** From the end of one part to the next, which is nearly always all that has to be compared. */
  const between = stop + start;

  function findPart(text: string, at: number): number {
    if (text.startsWith(start, at)) return at + start.length;
    return text.startsWith(tightStart, at) ? at + tightStart.length : -1;
  }

  return (text, at, part, max = Number.POSITIVE_INFINITY) => {
    const parts: string[] = [];
    let end = at;
    let from = findPart(text, at);
    while (from !== -1 && parts.length < max) {
      const line = text.indexOf("\n", from);
      if (line === -1) break;
      const isPadded = outline.end !== undefined;
      const to = isPadded ? findPartEnd(text, from, line, outline) : line - outline.after.length;
      if (to < from) break;
      const isNext = !isPadded && text.startsWith(between, to);
      // An event ends with a blank line.
      if (!isNext && !(isPadded ? text.charCodeAt(line + 1) === 10 : text.startsWith(stop, to))) break;
      const found = text.slice(from, to);
      if (!part.test(found)) break;
      parts.push(found);
      end = line + 2;
      from = isNext ? to + between.length : findPart(text, end);
    }
    return { parts, end };
  };
}

/**
 * Where the part ends in data of an outline; -1 in other data.
 *
 * @param from where the part begins
 * @param to where the data ends
 */
export function findPartEnd(text: string, from: number, to: number, { after, end }: Outline): number {
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
