/**
 * Writes foreign identifiers in letters, digits, `_` and `-`, and reads them back: Kimi's `functions.Bash:0` is no id
 * that Anthropic's clients accept, and its model fails when another one comes back.
 */

const prefix = "id64_";
/** Longer than any real id; what is longer is not encoded. */
const maxLength = 256;

/** Undefined if the id is empty, or too long to be carried around. */
export function encodeId(id: string): string | undefined {
  if (id === "" || id.length > maxLength || !id.isWellFormed()) return undefined;
  return prefix + Buffer.from(id, "utf8").toString("base64url");
}

/** The id that `encodeId` was given; undefined for any other text. */
export function decodeId(text: string): string | undefined {
  if (!text.startsWith(prefix)) return undefined;
  const id = Buffer.from(text.slice(prefix.length), "base64url").toString("utf8");
  return encodeId(id) === text ? id : undefined;
}
