/** Writes what is said, or marked, at the very end of the conversation, where it does not break a cached prefix. */

import { writeReminder } from "../../../catalog/claude-code/claude-code.ts";
import type { Quirks } from "../../../catalog/quirks.ts";
import type { TextPart } from "../../content/parts.ts";
import { textPart } from "../../content/write-content.ts";
import type { ChatMessage, ChatRequest } from "../wire.ts";

/** Adds a text to a message. */
export function addToMessage(message: ChatMessage & { role: "user" | "tool" }, part: TextPart): void {
  if (typeof message.content === "string") message.content += `\n\n${part.text}`;
  else message.content.push(part);
}

/**
 * Adds an instruction for the model. After tool results it joins the last of them, because a user message there would
 * make several chat templates forget the reasoning of the tool loop. An answer that has begun is left alone.
 */
export function addInstruction(messages: ChatMessage[], words: string): void {
  const reminder = textPart(writeReminder(words));
  const last = messages.at(-1);
  if (last?.role === "assistant") return;
  if (last?.role !== "user" && last?.role !== "tool") messages.push({ role: "user", content: reminder.text });
  else addToMessage(last, reminder);
}

type PrefillFields = Pick<ChatRequest, "continue_final_message" | "add_generation_prompt">;

/** Marks a trailing assistant message as the start of the answer, and returns the fields the request needs for that. */
export function markPrefill(
  messages: readonly ChatMessage[],
  prefill: Quirks["messages"]["prefill"],
): PrefillFields {
  const last = messages.at(-1);
  if (last?.role !== "assistant") return {};
  switch (prefill) {
    case "plain":
      return {};
    case "prefix":
      last.prefix = true;
      return {};
    case "partial":
      last.partial = true;
      return {};
    case "continue-final-message":
      return { continue_final_message: true, add_generation_prompt: false };
    default:
      return prefill satisfies never;
  }
}
