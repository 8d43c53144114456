/**
 * Enforces stop sequences here as well as in the backend: several backends accept fewer of them than a client may
 * send, or none, or ignore them silently. Only text is searched; tool calls and reasoning are not.
 */
import { createWordFinder } from "../../lib/find-words.ts";
import { type ReplyEvent, spellOut } from "../../reply.ts";

export type ReplyFilter = {
  /** @param events belong to the filter from now on, which may change the list and return it */
  push(events: ReplyEvent[]): ReplyEvent[];
  /** Whether the reply has ended here, whatever the backend sends next. */
  readonly isOver: boolean;
};

/** @param stops not empty, and none of them empty */
export function createStopSequences(stops: readonly string[]): ReplyFilter {
  const finder = createWordFinder(stops);
  const openLanes = new Set<number>();
  /** The end of the text, held back because it may begin a stop sequence. */
  let held = "";
  let isOver = false;

  function readText(text: string): { said: string; stop?: string } {
    for (let at = 0; at < text.length; at++) {
      const stop = finder.read(text.charCodeAt(at));
      if (stop === undefined) continue;
      const whole = held + text.slice(0, at + 1);
      return { said: whole.slice(0, whole.length - stop.length), stop };
    }
    const whole = held + text;
    const said = whole.slice(0, whole.length - finder.pending);
    held = whole.slice(said.length);
    return { said };
  }

  return {
    push(events) {
      if (isOver) return [];
      const out: ReplyEvent[] = [];
      let matched: string | undefined;
      for (const event of spellOut(events)) {
        if (event.type === "usage") out.push(event);
        else if (matched !== undefined) continue;
        else if (event.type === "text-delta") {
          const { said, stop } = readText(event.text);
          out.push(...textDelta(said));
          matched = stop;
        } else {
          if (event.type === "tool-start") openLanes.add(event.lane);
          if (event.type === "tool-end") openLanes.delete(event.lane);
          out.push(...textDelta(held), event);
          held = "";
          finder.reset();
        }
      }
      if (matched === undefined) return out;
      isOver = true;
      const ends = [...openLanes].map((lane): ReplyEvent => ({ type: "tool-end", lane }));
      return [...out, ...ends, { type: "finish", reason: "stop-sequence", stopSequence: matched }];
    },
    get isOver() {
      return isOver;
    },
  };
}

export function textDelta(text: string): ReplyEvent[] {
  return text === "" ? [] : [{ type: "text-delta", text }];
}
