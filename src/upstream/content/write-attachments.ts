/**
 * Writes a body as JSON without serializing its pictures and files: a serializer would search all of their characters
 * for something to escape, and base64 has nothing.
 */
import { LongText } from "../../lib/long-text.ts";
import type { DataUrl } from "./data-url.ts";
import { toAscii } from "./known-forms.ts";

/** Random, so that no message can contain it. */
const word = `cut-${crypto.randomUUID()}-`;
const places = new RegExp(`${word}(\\d+)`);

/** @param write makes JSON of a body, in which `cut` has taken the place of the URLs of attachments */
export function writeAttachments(write: (cut: (url: DataUrl) => string) => string): string | LongText {
  const urls: DataUrl[] = [];
  const json = write((url) => {
    urls.push(url);
    return `${word}${urls.length - 1}`;
  });
  if (urls.length === 0) return json;
  const parts = toAscii(json).split(places);
  return new LongText(
    parts.flatMap((part, place) => (place % 2 === 0 ? part : (urls[Number(part)]?.pieces ?? []))),
  );
}
