/**
 * Long texts as JSON. A conversation comes again with every turn, and the system prompt and the tools with every
 * request, so each text is serialized once.
 */
import { writeJson } from "../../lib/json.ts";
import { createLru } from "../../lib/lru.ts";

/** Of all forms together, characters: a long conversation, or some tens of usual ones. */
const maxCharacters = 4_000_000;

/** How much longer a text may get in ASCII. Other scripts take six letters for one. */
const maxGrowth = 1.2;

const forms = createLru<string, string>(maxCharacters, (form) => form.length);

/** The text as a JSON string. It is plain ASCII if that is hardly longer: then the body takes one byte a letter. */
export function formOf(text: string): string {
  const known = forms.get(text);
  if (known !== undefined) return known;
  const json = writeJson(text);
  const ascii = toAscii(json);
  const form = ascii.length <= json.length * maxGrowth ? ascii : json;
  forms.set(text, form);
  return form;
}

/** JSON that means the same, without any other letter. */
export function toAscii(json: string): string {
  return json.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
