/** Descriptions mark `code` as Markdown does, for the README; here is what the other places need. */

/** For terminals and completions. */
export function dropMarks(text: string): string {
  return text.replaceAll("`", "");
}

export function listCode(words: readonly string[]): string {
  return words.map((word) => `\`${word}\``).join(", ");
}
