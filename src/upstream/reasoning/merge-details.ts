/**
 * Merges `reasoning_details`, a backend's own record of its reasoning: streamed in fragments, sent back whole and
 * unmodified. Source: OpenRouter's guide on preserving reasoning blocks; MiniMax uses the same format.
 */
import type { JsonObject } from "../../lib/json.ts";

/** Fields that are appended to; all others are set once. */
const growing = ["text", "summary", "data"] as const;

/** How far back the item of a fragment is looked for: searching all of a hostile answer would be quadratic. */
const maxDistance = 100;

/** Adds a fragment to the items. Fragments with the same type, index and id belong to one item, up to its signature. */
export function addDetail(items: JsonObject[], fragment: JsonObject): void {
  const item = findItem(items, fragment);
  if (!item) {
    items.push({ ...fragment });
    return;
  }
  if (isRepeated(item, fragment)) return;
  for (const [name, value] of Object.entries(fragment)) {
    if (value === null || value === undefined) continue;
    if (growing.some((field) => field === name)) item[name] = grow(item[name], value);
    else item[name] ??= value;
  }
}

/** Merges items that were split, and leaves out what no backend accepts back. */
export function mergeDetails(fragments: readonly JsonObject[]): JsonObject[] {
  const items: JsonObject[] = [];
  for (const fragment of fragments) addDetail(items, fragment);
  return items.filter((item) => !isUnsigned(item));
}

function findItem(items: JsonObject[], fragment: JsonObject): JsonObject | undefined {
  const { type, index } = fragment;
  const item =
    typeof index === "number"
      ? items.slice(-maxDistance).findLast((one) => one.type === type && one.index === index)
      : items.at(-1);
  if (!item || item.type !== type || (item.id ?? fragment.id) !== (fragment.id ?? item.id)) return undefined;
  return beginsAnother(item, fragment) ? undefined : item;
}

/** A signature covers the text so far: what follows it is another item, though hosts number both 0. */
function beginsAnother(item: JsonObject, fragment: JsonObject): boolean {
  return Boolean(item.text && item.signature && fragment.text) && fragment.signature !== item.signature;
}

/** The same complete item again, as from a conversation that contains its block twice. */
function isRepeated(item: JsonObject, fragment: JsonObject): boolean {
  return Boolean(item.signature) && fragment.signature === item.signature && fragment.text === item.text;
}

/** MiniMax sends the whole text so far each time; some hosts send an encrypted item twice. */
function grow(before: unknown, added: unknown): unknown {
  if (typeof before !== "string" || typeof added !== "string") return added;
  const isRepeated = before.length >= 8 && added.length >= before.length && added.startsWith(before);
  return isRepeated ? added : before + added;
}

/** Claude and Gemini refuse reasoning that lost its signature, but accept leaving it out. */
function isUnsigned(item: JsonObject): boolean {
  const needsSignature = typeof item.format === "string" && /^(anthropic|google)/.test(item.format);
  return item.type === "reasoning.text" && needsSignature && !item.signature;
}
