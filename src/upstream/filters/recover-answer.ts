/**
 * Finds the answer of a server that was asked not to reason, and puts all of it where reasoning goes: vLLM's parsers are
 * known to do that. The client has asked to see no reasoning, so nothing else would be left.
 */
import { GrowingText } from "../../lib/copy-text.ts";
import type { ReplyEvent } from "../../reply.ts";
import type { ReplyFilter } from "./apply-stop-sequences.ts";

export function createAnswerRecovery(): ReplyFilter {
  const reasoning = new GrowingText();
  let isAnswered = false;
  const note = (event: ReplyEvent): void => {
    if (event.type === "thinking-delta") reasoning.add(event.text);
    else if (event.type === "text-delta") isAnswered = event.text.trim() !== "";
    else if (event.type === "tool-start" || event.type === "web-search") isAnswered = true;
  };
  return {
    push(events) {
      for (const event of events) if (!isAnswered) note(event);
      const last = events.at(-1);
      const isMissing = !isAnswered && last?.type === "finish" && last.reason === "stop";
      if (isMissing && reasoning.text.trim() !== "")
        events.splice(-1, 0, { type: "text-delta", text: reasoning.text });
      return events;
    },
    isOver: false,
  };
}
