/**
 * Stop sequences, kept here as well as by the backend: several take fewer of them than a client may send, or none,
 * or drop them without a word. Only the text is searched; calls and reasoning may say what they like.
 */
import type { ReplyEvent } from "../../reply.ts";

export type ReplyFilter = {
  push(events: readonly ReplyEvent[]): ReplyEvent[];
  /** The reply has ended here, whatever the backend goes on to say. */
  readonly isOver: boolean;
};

/** @param stops not empty, and none of them empty */
export function createStopSequences(stops: readonly string[]): ReplyFilter {
  const longest = Math.max(...stops.map((stop) => stop.length));
  const openLanes = new Set<number>();
  /** The end of the text, which may be the beginning of a stop sequence. */
  let held = "";
  let isOver = false;

  function readText(text: string): { said: string; stop?: string } {
    held += text;
    const match = findFirst(held, stops);
    if (match) return { said: held.slice(0, match.at), stop: match.stop };
    const kept = heldLength(held, stops, longest);
    const said = held.slice(0, held.length - kept);
    held = held.slice(held.length - kept);
    return { said };
  }

  return {
    push(events) {
      if (isOver) return [];
      const out: ReplyEvent[] = [];
      let matched: string | undefined;
      for (const event of events) {
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

/** The sequence that begins first; of two at one place, the one that a reader of single characters meets first. */
function findFirst(text: string, stops: readonly string[]): { at: number; stop: string } | undefined {
  const matches = stops.flatMap((stop) => {
    const at = text.indexOf(stop);
    return at === -1 ? [] : [{ at, stop }];
  });
  const end = ({ at, stop }: { at: number; stop: string }) => at + stop.length;
  return matches.sort((one, other) => end(one) - end(other) || one.at - other.at)[0];
}

/** How many characters at the end may begin a stop sequence. */
function heldLength(text: string, stops: readonly string[], longest: number): number {
  for (let length = Math.min(longest - 1, text.length); length > 0; length--) {
    const end = text.slice(text.length - length);
    if (stops.some((stop) => stop.length > length && stop.startsWith(end))) return length;
  }
  return 0;
}
