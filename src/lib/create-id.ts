/** Random identifiers in the alphabet that Anthropic's ids use. */

export const alphanumerics = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

const length = 24;

/** Random letters for many ids, made at once, and how many of them are used. */
let letters = "";
let used = 0;

/** `prefix` and 24 random letters and digits, 142 bits: `createId("msg_")`. */
export function createId(prefix: string): string {
  if (used === letters.length) refill();
  used += length;
  return prefix + letters.slice(used - length, used);
}

function refill(): void {
  const bytes = crypto.getRandomValues(Buffer.allocUnsafe(length * 96));
  // Two of base64's 64 characters may not be in an id. That two letters are more frequent does not matter.
  letters = bytes.toString("base64url").replaceAll("-", "A").replaceAll("_", "B");
  used = 0;
}
