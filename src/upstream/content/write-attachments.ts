/**
 * Writes a body as JSON without serializing its pictures, files and long texts: a serializer looks at each of their
 * characters for something to escape. Base64 has nothing, and of most texts the form is known from the turn before.
 */
import { DataUrl } from "./data-url.ts";
import { formOf, toAscii } from "./text-forms.ts";

/** Shorter ones are serialized as fast as they are cut, characters. */
const minText = 256;

/** Nobody else knows this word, so it can be in no message. */
const word = `cut-${crypto.randomUUID()}-`;
const places = new RegExp(`"${word}(\\d+)"`);

/** Takes something long out of a body, and returns what stands there until the body is written. */
export type Cut = (long: string | DataUrl) => string;

/** @param write makes JSON of a body, in which `cut` has taken the place of texts and of the URLs of attachments */
export function writeAttachments(write: (cut: Cut) => string): string {
  /** What was cut, as JSON. */
  const forms: string[] = [];
  const json = write((long) => {
    if (typeof long === "string" && long.length < minText) return long;
    forms.push(long instanceof DataUrl ? `"${long.toJSON()}"` : formOf(long));
    return `${word}${forms.length - 1}`;
  });
  if (forms.length === 0) return json;
  const parts = toAscii(json).split(places);
  // Put together by adding: joining would make a string of each attachment before it makes one of all.
  return parts.reduce((body, part, place) => body + (place % 2 === 1 ? (forms[Number(part)] ?? "") : part));
}
