/**
 * Batch files on Windows, as npm makes them for programs: only `cmd.exe` runs them, and it reads the words once
 * more, with a meaning for many characters. Source: the rules of cmd.exe and of the C runtime for command lines.
 */

/** The line for `cmd.exe`, to be passed on as it is; undefined for what needs none. */
export function wrapBatchFile(path: string, words: readonly string[]): readonly string[] | undefined {
  if (!/\.(?:cmd|bat)$/i.test(path)) return undefined;
  // The file hands its words on in a line of its own, which is read again.
  const line = [escapeMeta(path), ...words.map((word) => escapeMeta(escapeMeta(quote(word))))].join(" ");
  return ["cmd.exe", "/d", "/s", "/c", `"${line}"`];
}

/** As the C runtime reads a word: backslashes count double before a quotation mark only. */
function quote(word: string): string {
  return `"${word.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, "$1$1")}"`;
}

function escapeMeta(text: string): string {
  return text.replace(/[()\][%!^"`<>&|;, *?]/g, "^$&");
}
