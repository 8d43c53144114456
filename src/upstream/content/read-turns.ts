/** The turns of a conversation. */
import type { RequestBlock, RequestMessage } from "../../anthropic/wire.ts";

/** Where a turn is among the messages: `to` is behind its last one. */
export type TurnRange = { readonly role: "user" | "assistant"; readonly from: number; to: number };

/** A block, where it is in the client's body, and whether it comes from a system message. */
export type Placed = { readonly block: RequestBlock; readonly at: string; readonly isSystem: boolean };

/** Fills a message that must be there but has no content. */
export const emptyMessage = "(empty message)";

/** Adjacent messages of one side are one turn; a system message among them belongs to the user's. */
export function readTurns(messages: readonly RequestMessage[]): readonly TurnRange[] {
  const turns: TurnRange[] = [];
  let last: TurnRange | undefined;
  let from = -1;
  for (const message of messages) {
    from += 1;
    // It held only options, or its text no longer applies.
    if (message.role === "system" && message.content.length === 0) continue;
    const role = message.role === "assistant" ? "assistant" : "user";
    if (last?.role === role) last.to = from + 1;
    else {
      last = { role, from, to: from + 1 };
      turns.push(last);
    }
  }
  return turns;
}

/** The blocks of a turn. */
export function placeBlocks(messages: readonly RequestMessage[], { from, to }: TurnRange): Placed[] {
  const placed: Placed[] = [];
  for (let m = from; m < to; m += 1) {
    const message = messages[m];
    if (!message) break;
    const isSystem = message.role === "system";
    const list = `messages.${m}.content.`;
    let c = 0;
    for (const block of message.content) {
      placed.push({ block, at: list + c, isSystem });
      c += 1;
    }
  }
  return placed;
}
