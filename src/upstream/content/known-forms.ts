/** JSON of messages and tools. Most come again with the next request as the same objects, so each is serialized once. */
import { isObject, writeJson } from "../../lib/json.ts";
import { createLru } from "../../lib/lru.ts";
import { DataUrl } from "./data-url.ts";

/** Characters. Shorter ones are serialized as fast as they are looked up. */
const minKnown = 256;

/** How much longer JSON may get in ASCII. A character of another script takes six. */
const maxGrowth = 1.2;

/** Characters of all together: one long conversation, or dozens of usual ones. */
const maxCharacters = 4_000_000;

const known = createLru<object, string>(maxCharacters, (form) => form.length);

/**
 * The object as JSON; it must not change afterwards. Plain ASCII if that is hardly longer: then the body takes one byte
 * a character.
 *
 * @param cut gives what to write in place of an attachment; an object that has one is not remembered
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

/** The same value in JSON that is plain ASCII. */
export function toAscii(json: string): string {
  // Counting bytes is many times faster than the pattern.
  if (Buffer.byteLength(json) === json.length) return json;
  const ascii = json.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  // Made from a string of two-byte characters, it is one itself until it is copied.
  return Buffer.from(ascii, "latin1").toString("latin1");
}
