/**
 * Finds the answer of a server that was asked not to reason, and puts all of it where reasoning goes: vLLM's parsers are
 * known to do that. The client has asked to see no reasoning, so nothing else would be left.
 */
import type { ReplyEvent } from "../../reply.ts";
import type { ReplyFilter } from "./apply-stop-sequences.ts";

export function createAnswerRecovery(): ReplyFilter {
  let reasoning = "";
  let isAnswered = false;
  const read = (event: ReplyEvent): ReplyEvent[] => {
    switch (event.type) {
      case "thinking-delta":
        if (!isAnswered) reasoning += event.text;
        return [event];
      case "text-delta":
        isAnswered ||= event.text.trim() !== "";
        return [event];
      case "tool-start":
      case "web-search":
        isAnswered = true;
        return [event];
      case "finish": {
        const isAll = !isAnswered && event.reason === "stop" && reasoning.trim() !== "";
        return isAll ? [{ type: "text-delta", text: reasoning }, event] : [event];
      }
      default:
        return [event];
    }
  };
  return { push: (events) => events.flatMap(read), isOver: false };
}
