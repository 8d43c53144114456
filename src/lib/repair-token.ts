/** The smallest parts of JSON, as models write them and as JSON requires them. */

const jsonNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** JSON's own literals, and Python's. */
const literals: ReadonlyMap<string, string> = new Map([
  ["true", "true"],
  ["false", "false"],
  ["null", "null"],
  ["True", "true"],
  ["False", "false"],
  ["None", "null"],
]);

/** The JSON form of a number or a literal, or undefined if it is neither. */
export function repairWord(word: string): string | undefined {
  const literal = literals.get(word);
  if (literal !== undefined || jsonNumber.test(word)) return literal ?? word;
  const value = /^[+-]?[\d.]/.test(word) ? Number(word) : Number.NaN;
  return Number.isFinite(value) ? String(value) : undefined;
}

/** The JSON form of an escape sequence, or undefined while it is incomplete. */
export function repairEscape(sequence: string): string | undefined {
  const letter = sequence[1] ?? "";
  if (letter === "u") {
    if (/^\\u[0-9a-fA-F]{0,3}$/.test(sequence)) return undefined;
    return /^\\u[0-9a-fA-F]{4}$/.test(sequence) ? sequence : `\\\\${escapeText(sequence.slice(1))}`;
  }
  if ('"\\/bfnrt'.includes(letter)) return sequence;
  if (letter === "'") return "'";
  return `\\\\${escapeText(letter)}`;
}

/** Text as it is written inside the quotes of a JSON string. */
export function escapeText(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
