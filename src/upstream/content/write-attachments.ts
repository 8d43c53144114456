/**
 * Writes a body as JSON without serializing its pictures, files and long texts: a serializer looks at each of their
 * characters for something to escape. Base64 has nothing, and of most texts the form is known from the turn before.
 */
import { isBase64 } from "../../lib/is-base64.ts";
import { formOf, toAscii } from "./text-forms.ts";

/** Shorter ones are serialized as fast as they are cut, characters. */
const minText = 256;
const minAttachment = 16 * 1024;

/** Nobody else knows this word, so it can be in no message. */
const word = `cut-${crypto.randomUUID()}-`;
const places = new RegExp(`"${word}(\\d+)"`);

/** @param write makes JSON of a body, in which `cut` has taken the place of texts and of the URLs of attachments */
export function writeAttachments(write: (cut: (text: string) => string) => string): string {
  /** What was cut, as JSON. */
  const forms: string[] = [];
  const json = write((text) => {
    if (text.length < minText) return text;
    forms.push(isAttachment(text) ? `"${text}"` : formOf(text));
    return `${word}${forms.length - 1}`;
  });
  if (forms.length === 0) return json;
  const parts = toAscii(json).split(places);
  return parts.map((part, place) => (place % 2 === 1 ? (forms[Number(part)] ?? "") : part)).join("");
}

/** Whether a text is an attachment's URL, and neither of its parts contains anything that JSON would escape. */
function isAttachment(text: string): boolean {
  if (text.length < minAttachment || !text.startsWith("data:")) return false;
  const comma = text.indexOf(",");
  return /^data:[\w/+.-]*;base64,$/.test(text.slice(0, comma + 1)) && isBase64(text.slice(comma + 1));
}
