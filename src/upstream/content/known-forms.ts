/** JSON of messages and tools. Most come again with the next request as the same objects, so each is serialized once. */
import { isObject, writeJson } from "../../lib/json.ts";
import { createLru } from "../../lib/lru.ts";
import { DataUrl } from "./data-url.ts";

/** Shorter ones are serialized as fast as they are looked up, characters. */
const minKnown = 256;

/** How much longer JSON may get in ASCII. Other scripts take six letters for one. */
const maxGrowth = 1.2;

/** Of all together, characters: a long conversation, or some tens of usual ones. */
const maxCharacters = 4_000_000;

const known = createLru<object, string>(maxCharacters, (form) => form.length);

/**
 * The object as JSON; nobody may change it afterwards. It is plain ASCII if that is hardly longer: then the body takes
 * one byte a letter.
 *
 * @param cut what is to be written in place of an attachment; what has one in it is not remembered
 */
export function formOf(value: object, cut: (url: DataUrl) => string): string {
  const before = known.get(value);
  if (before !== undefined) return before;
  const rest = replaceUrls(value, cut);
  const json = writeJson(rest);
  const ascii = toAscii(json);
  const form = ascii.length <= json.length * maxGrowth ? ascii : json;
  if (rest === value && form.length >= minKnown) known.set(value, form);
  return form;
}

/** The very same value if there is no URL in it. */
function replaceUrls(value: unknown, replace: (url: DataUrl) => string): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof DataUrl) return replace(value);
  if (Array.isArray(value)) {
    const items = value.map((item: unknown) => replaceUrls(item, replace));
    return items.some((item, at) => item !== value[at]) ? items : value;
  }
  if (!isObject(value)) return value;
  let changed: Record<string, unknown> | undefined;
  for (const name in value) {
    const before = value[name];
    const after = replaceUrls(before, replace);
    if (after !== before) changed = { ...(changed ?? value), [name]: after };
  }
  return changed ?? value;
}

/** JSON that means the same, without any other letter. */
export function toAscii(json: string): string {
  // Counting bytes is many times as fast as the pattern.
  if (Buffer.byteLength(json) === json.length) return json;
  const ascii = json.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  // Made from a text with wide letters, it takes two bytes for each of its own until it is copied.
  return Buffer.from(ascii, "latin1").toString("latin1");
}
