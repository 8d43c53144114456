/** The turns of a conversation. */
import type { RequestBlock } from "../../anthropic/wire.ts";
import type { Plan } from "../../plan/plan.ts";

/** A block, where it is in the client's body, and whether it comes from a system message. */
export type Placed = { readonly block: RequestBlock; readonly at: string; readonly isSystem: boolean };
type Turn = { readonly role: "user" | "assistant"; readonly blocks: Placed[] };

/** Fills a message that must be there but has no content. */
export const emptyMessage = "(empty message)";

/** Adjacent messages of one side are one turn; a system message among them belongs to the user's. */
export function readTurns({ request }: Plan): Turn[] {
  const turns: Turn[] = [];
  for (const [m, message] of request.messages.entries()) {
    const isSystem = message.role === "system";
    // It held nothing but options, or what it said is over.
    if (isSystem && message.content.length === 0) continue;
    const placed = message.content.map((block, c) => ({ block, at: `messages.${m}.content.${c}`, isSystem }));
    const role = message.role === "assistant" ? "assistant" : "user";
    const last = turns.at(-1);
    const turn: Turn = last?.role === role ? last : { role, blocks: [] };
    if (turn !== last) turns.push(turn);
    turn.blocks.push(...placed);
  }
  return turns;
}
