/**
 * Writes a body as JSON without serializing its pictures and files: a serializer looks at each of their millions of
 * characters for something to escape, and base64 has nothing.
 */
import { isBase64 } from "../../lib/is-base64.ts";

/** Shorter ones are serialized as fast as they are cut, characters. */
const minLength = 16 * 1024;

/** Nobody else knows this word, so it can be in no message. */
const word = `attachment-${crypto.randomUUID()}-`;
const places = new RegExp(`${word}(\\d+)`);

/** @param write makes JSON of a body, in which `cut` has taken the place of the URLs of attachments; each once */
export function writeAttachments(write: (cut: (url: string) => string) => string): string {
  const urls: string[] = [];
  const json = write((url) => cut(url, urls));
  if (urls.length === 0) return json;
  // Plain ASCII, so that the whole body takes one byte a character until it is sent.
  const ascii = json.replace(/[^ -~]/g, escapeUnit);
  const parts = ascii.split(places);
  return parts.map((part, place) => (place % 2 === 1 ? (urls[Number(part)] ?? "") : part)).join("");
}

function cut(url: string, urls: string[]): string {
  if (url.length < minLength) return url;
  const comma = url.indexOf(",");
  // Neither part may contain anything that JSON would escape.
  if (!/^data:[\w/+.-]*;base64,$/.test(url.slice(0, comma + 1)) || !isBase64(url.slice(comma + 1)))
    return url;
  urls.push(url);
  return `${word}${urls.length - 1}`;
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
