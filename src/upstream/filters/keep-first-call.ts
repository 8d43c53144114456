/**
 * Keeps only the first tool call of a reply if the client asked for that: llama.cpp is known to make several all the
 * same, and other servers have no such option.
 */
import type { ReplyFilter } from "./apply-stop-sequences.ts";

export function createFirstCall(): ReplyFilter {
  let first: number | undefined;
  return {
    push: (events) =>
      events.filter((event) => {
        if (event.type === "tool-start") first ??= event.lane;
        return !("lane" in event) || event.lane === first;
      }),
    isOver: false,
  };
}
