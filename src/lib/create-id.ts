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
  const bytes = crypto.getRandomValues(Buffer.allocUnsafe(length * 128));
  // 62 letters of 256 values: the small bias does not matter for an identifier.
  bytes.forEach((byte, at) => {
    bytes[at] = alphanumerics.charCodeAt(byte % 62);
  });
  letters = bytes.toString("latin1");
  used = 0;
}
