/** Removes the reasoning of earlier turns (`clear_thinking_20251015`). */
import type { ContextEdit, RequestMessage } from "../../anthropic/wire.ts";
import type { AppliedEdit } from "../../anthropic/wire-reply.ts";
import { estimateText } from "../../lib/estimate-text.ts";

export type ClearedMessages = {
  readonly messages: readonly RequestMessage[];
  readonly applied: AppliedEdit;
};

/** Turns with reasoning that are kept if the client does not say. Source: Anthropic, context editing. */
const usualKeep = 1;

/** Undefined if there is nothing to remove. A turn lasts from the user's words to the next ones. */
export function clearThinking(
  messages: readonly RequestMessage[],
  { keep }: ContextEdit & { type: "clear_thinking_20251015" },
): ClearedMessages | undefined {
  if (keep === "all" || keep?.type === "all") return undefined;
  const turns: number[] = [];
  let turn = 0;
  const turnOf = messages.map(({ role, content }) => {
    if (role === "user" && content.some(({ type }) => type !== "tool_result")) turn += 1;
    if (content.some(isThinking) && turns.at(-1) !== turn) turns.push(turn);
    return turn;
  });
  const cleared = new Set(turns.slice(0, Math.max(0, turns.length - (keep?.value ?? usualKeep))));
  if (cleared.size === 0) return undefined;
  let tokens = 0;
  const left = messages.map((message, at) => {
    if (!cleared.has(turnOf[at] ?? 0) || !message.content.some(isThinking)) return message;
    for (const block of message.content)
      if (block.type === "thinking") tokens += estimateText(block.thinking);
    return { ...message, content: message.content.filter((block) => !isThinking(block)) };
  });
  return {
    messages: left,
    applied: {
      type: "clear_thinking_20251015",
      cleared_thinking_turns: cleared.size,
      cleared_input_tokens: tokens,
    },
  };
}

function isThinking({ type }: RequestMessage["content"][number]): boolean {
  return type === "thinking" || type === "redacted_thinking";
}
