import { once } from "./once.ts";

/**
 * Text that others have chosen, on one line of a terminal: without the characters that would steer it, begin another
 * line, or turn the letters that follow around.
 */
export function showPlainly(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, " ");
}

/** A server's words on one line, without characters that would steer the terminal. */
export function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, " ");
}

/** @param max columns of a terminal, at least 1 */
export function cutToWidth(text: string, max: number): string {
  if (Bun.stringWidth(text) <= max) return text;
  let cut = "";
  let width = 0;
  for (const { segment } of graphemes().segment(text)) {
    width += Bun.stringWidth(segment);
    if (width >= max) break;
    cut += segment;
  }
  return `${cut}…`;
}

const graphemes = once(() => new Intl.Segmenter(undefined, { granularity: "grapheme" }));
