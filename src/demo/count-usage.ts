/** Counts tokens as the demo backend reports them: everything that was sent counts, tools included. */
import type { DemoRequest } from "./wire.ts";

/** Four bytes count as a token, as a rule of thumb that holds in most languages. */
const bytesPerToken = 4;
/** What an image or file counts, in place of its bytes. */
const mediaTokens = 1000;

export function countPrompt({ messages, tools, response_format: format }: DemoRequest): number {
  let media = 0;
  const text = JSON.stringify({ messages, tools, format }, (_, value: unknown) => {
    if (typeof value !== "string" || !/^(?:data:[^,]{0,200},|[A-Za-z\d+/=]{4000})/.test(value)) return value;
    media += 1;
    return "";
  });
  return countWords(text) + media * mediaTokens;
}

export function countWords(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / bytesPerToken);
}
