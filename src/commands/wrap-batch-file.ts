/**
 * Runs batch files on Windows, as npm creates them for programs. Only `cmd.exe` runs them, and it parses the words
 * again, giving many characters a meaning. Source: the rules of cmd.exe and of the C runtime for command lines.
 */

/** The line for `cmd.exe`, to be passed on verbatim; undefined for programs that need none. */
export function wrapBatchFile(path: string, words: readonly string[]): readonly string[] | undefined {
  if (!/\.(?:cmd|bat)$/i.test(path)) return undefined;
  // The batch file passes its words on in a line of its own, which is parsed again.
  const line = [escapeMeta(path), ...words.map((word) => escapeMeta(escapeMeta(quote(word))))].join(" ");
  return ["cmd.exe", "/d", "/s", "/c", `"${line}"`];
}

/** How the C runtime reads a word: backslashes are doubled only before a quotation mark. */
function quote(word: string): string {
  return `"${word.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, "$1$1")}"`;
}

function escapeMeta(text: string): string {
  return text.replace(/[()\][%!^"`<>&|;, *?]/g, "^$&");
}
