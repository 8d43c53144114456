/**
 * One call a reply, where the client asked for that: llama.cpp measurably makes several all the same, and other
 * servers cannot be told.
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
