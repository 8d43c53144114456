/** Refusals of a backend's own reasoning items, which come from another of its models, accounts or keys. */
import { isObject, type JsonObject } from "../../lib/json.ts";
import type { Correction } from "../corrections.ts";
import { digestItem } from "../reasoning/digest-item.ts";
import type { Refusal } from "./correct-field.ts";

/** Items that are remembered as refused. */
const maxItems = 1000;

/**
 * "The encrypted content … could not be verified", "Item 'rs_…' of type 'reasoning' was provided without its required
 * following item", "Item with id 'rs_…' not found", "created under a different … resource".
 */
const wordings =
  /invalid_encrypted_content|encrypted content\b.{0,200}?(?:could not be|cannot be|not supported|invalid)|provided without its required|item .{0,80}?(?:not found|under a different)|reasoning item/;

/** All items of the request: the refusal seldom says which one is meant, and never quotes it whole. */
export function correctItems({ words, params, body, quirks }: Refusal): readonly Correction[] {
  // A field that asks for them is another matter.
  if (/\binclude\b/.test(params) || !wordings.test(words)) return [];
  const items = Array.isArray(body.input) ? body.input.filter(isReasoning) : [];
  if (items.length === 0) return [];
  const refusedItems = [...new Set([...quirks.reasoning.refusedItems, ...items.map(digestItem)])];
  return [
    {
      change: "adopt",
      path: "reasoning of earlier turns",
      to: "nothing, where it was refused",
      quirks: { reasoning: { refusedItems: refusedItems.slice(-maxItems) } },
    },
  ];
}

function isReasoning(item: unknown): item is JsonObject {
  return isObject(item) && item.type === "reasoning";
}
