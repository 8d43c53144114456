/**
 * Reads the banner of a program that starts.
 * @returns the URL that it listens on
 * @throws Error when the program ends without one
 */
export async function readUrl(stdout: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of stdout) {
    text += decoder.decode(bytes, { stream: true });
    const url = /listens on (\S+)\n/.exec(text)?.[1];
    if (url) return url;
  }
  throw new Error(`The program ended without a URL; saw ${JSON.stringify(text)}`);
}
