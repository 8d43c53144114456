/** Whether a text is base64 and nothing else: no white space, and complete. Many times as fast as a pattern. */
export function isBase64(text: string): boolean {
  if (text.length % 4 !== 0) return false;
  try {
    // The decoder skips white space; then fewer bytes come out.
    const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
    return Uint8Array.fromBase64(text).length === (text.length / 4) * 3 - padding;
  } catch {
    return false;
  }
}
