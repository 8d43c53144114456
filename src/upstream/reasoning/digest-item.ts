/** Recognizes a backend's reasoning item, wherever it is seen again. */
import type { JsonObject } from "../../lib/json.ts";

/** The same for an item that was received, carried and sent back. */
export function digestItem({ id, encrypted_content }: JsonObject): string {
  return Bun.hash(`${String(id)}\n${String(encrypted_content ?? "")}`).toString(36);
}

/** The same for a block of thinking, by what is signed in it. */
export function digestThinking({ signature, data }: JsonObject): string {
  return digestItem({ id: "thinking", encrypted_content: signature ?? data });
}
