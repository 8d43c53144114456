/** Random identifiers in the alphabet that Anthropic's ids use. */

export const alphanumerics = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** `prefix` and 24 random letters and digits, 142 bits: `createId("msg_")`. */
export function createId(prefix: string): string {
  let id = prefix;
  // 62 letters of 256 values: the small bias does not matter for an identifier.
  for (const byte of crypto.getRandomValues(new Uint8Array(24))) id += alphanumerics[byte % 62];
  return id;
}
