/** Descriptions mark `code` as in Markdown, for the README; these functions convert it for the other places. */

/** For terminals and completions. */
export function dropMarks(text: string): string {
  return text.replaceAll("`", "");
}

export function listCode(words: readonly string[]): string {
  return words.map((word) => `\`${word}\``).join(", ");
}
