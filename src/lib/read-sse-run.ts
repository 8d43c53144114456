/** Text around the part in which otherwise equal data differs. */
export type Outline = { readonly before: string; readonly after: string };

/** Events in a row, by the part in which they differ, and where the next event begins. */
type SseRun = { readonly parts: readonly string[]; readonly end: number };

const field = "data:";

/**
 * Reads the events at the start of a text that have nothing but data of one outline. A fast server sends dozens of them
 * at once; to take each apart, line by line, is most of what they cost.
 *
 * @param part what may be between the outline's texts
 */
export function readSseRun(text: string, { before, after }: Outline, part: RegExp): SseRun {
  const parts: string[] = [];
  let start = 0;
  for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", start)) {
    const value = start + field.length + (text.charCodeAt(start + field.length) === 32 ? 1 : 0);
    const from = value + before.length;
    const to = end - after.length;
    // An event ends with a blank line.
    if (to < from || text.charCodeAt(end + 1) !== 10) break;
    if (!text.startsWith(before, value) || !text.startsWith(after, to) || !text.startsWith(field, start))
      break;
    const found = text.slice(from, to);
    if (!part.test(found)) break;
    parts.push(found);
    start = end + 2;
  }
  return { parts, end: start };
}
