/**
 * Room `lib/`: tools that know nothing of this program; each could be a package of its own. Not here: imports from
 * other rooms.
 *
 * Safe access to JSON from other parties.
 */
import { isNestedDeeper, maxDepth } from "./scan-json.ts";

export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value if it is a string, else an empty one. */
export function asString(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** The value if it is an object, else undefined. */
export function asObject(value: unknown): JsonObject | undefined {
  return isObject(value) ? value : undefined;
}

/**
 * A list of values, in whatever way it was written: as an array, as a single value, or as an object with numbers for
 * its keys. Nothing is an empty list.
 */
export function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (value === undefined || value === null || value === "") return [];
  const keys = isObject(value) ? Object.keys(value) : [];
  return keys.length > 0 && keys.every((key) => /^\d+$/.test(key)) ? Object.values(value) : [value];
}

/**
 * The value as JSON that every parser accepts: half of a surrogate pair, as left by cutting a text in the middle of an
 * emoji, becomes U+FFFD.
 */
export function writeJson(value: unknown): string {
  const json = JSON.stringify(value);
  // `JSON.stringify` escapes surrogates only where they are alone. An even number of backslashes escapes itself.
  return json.includes("\\ud") ? json.replace(/(?<!\\)((?:\\\\)*)\\ud[89a-f][\da-f]{2}/g, "$1\ufffd") : json;
}

/** The parsed value; undefined if the text is not JSON, or is nested so deeply that walking it would be unsafe. */
export function parseJson(text: string): unknown {
  // Every level takes two letters.
  if (text.length > 2 * maxDepth && isNestedDeeper(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
