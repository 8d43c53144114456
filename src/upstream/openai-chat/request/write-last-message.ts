/** Writes what is said, or marked, at the very end of the conversation, where it does not break a cached prefix. */
import { writeReminder } from "../../../catalog/claude-code/claude-code.ts";
import type { Quirks } from "../../../catalog/quirks.ts";
import type { TextPart } from "../../content/parts.ts";
import { textPart } from "../../content/write-content.ts";
import { noFields } from "../../write-options.ts";
import type { ChatMessage, ChatRequest } from "../wire.ts";

/** The message with one more text. */
export function addToMessage(message: ChatMessage & { role: "user" | "tool" }, part: TextPart): ChatMessage {
  const { content } = message;
  return {
    ...message,
    content: typeof content === "string" ? `${content}\n\n${part.text}` : [...content, part],
  };
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
  else messages[messages.length - 1] = addToMessage(last, reminder);
}

type PrefillFields = Pick<ChatRequest, "continue_final_message" | "add_generation_prompt">;

/** Marks a trailing assistant message as the start of the answer, and returns the fields the request needs for that. */
export function markPrefill(messages: ChatMessage[], prefill: Quirks["messages"]["prefill"]): PrefillFields {
  const last = messages.at(-1);
  if (last?.role !== "assistant") return noFields;
  switch (prefill) {
    case "plain":
      return noFields;
    case "prefix":
      messages[messages.length - 1] = { ...last, prefix: true };
      return noFields;
    case "partial":
      messages[messages.length - 1] = { ...last, partial: true };
      return noFields;
    case "continue-final-message":
      return { continue_final_message: true, add_generation_prompt: false };
    default:
      return prefill satisfies never;
  }
}
