/**
 * JSON that was asked for, out of the Markdown fence that models like to put around it. Valid JSON never begins with
 * a fence, so nothing is lost where a backend enforces the format.
 */
import type { ReplyEvent } from "../../reply.ts";
import { type ReplyFilter, textDelta } from "./stop-sequences.ts";

/** The fence and its word, up to the end of the line or the JSON. */
const opening = /^\s*```[\w-]{0,16}[ \t]*(?:\r?\n|(?=[{[]))/;
/** What could become an opening. */
const halfOpening = /^\s*(`{0,2}|```[\w-]{0,16}[ \t]*\r?)$/;
const fence = "```";
/** A fence on a line of its own ends the JSON, which has no line breaks inside its strings. */
const closing = /\s*\n[ \t]*```/;

export function createJsonFences(): ReplyFilter {
  let state: "start" | "plain" | "fenced" | "over" = "start";
  let held = "";

  function readText(text: string): string {
    if (state === "plain") return text;
    // Whatever a model adds behind the fence was not asked for, and would spoil the JSON.
    if (state === "over") return "";
    held += text;
    if (state === "start") {
      if (halfOpening.test(held)) return "";
      const [begun] = opening.exec(held) ?? [];
      if (begun === undefined) {
        state = "plain";
        return take(held.length);
      }
      state = "fenced";
      held = held.slice(begun.length);
    }
    const end = held.search(closing);
    if (end === -1) return take(startOfClosing(held));
    state = "over";
    const json = take(end);
    held = "";
    return json;
  }

  function take(length: number): string {
    const text = held.slice(0, length);
    held = held.slice(length);
    return text;
  }

  /** What was held back and turns out to be text, because something else follows. */
  function flush(): string {
    const text = take(held.length);
    return state === "fenced" && text.includes(fence) ? "" : text;
  }

  return {
    push: (events) =>
      events.flatMap((event): ReplyEvent[] => {
        if (event.type === "usage") return [event];
        if (event.type === "text-delta") return textDelta(readText(event.text));
        return [...textDelta(flush()), event];
      }),
    isOver: false,
  };
}

/** Where white space, a fence or a part of one, and white space begin, behind which nothing has come yet. */
function startOfClosing(text: string): number {
  let at = text.trimEnd().length;
  for (let ticks = 0; ticks < fence.length && text[at - 1] === "`"; ticks++) at -= 1;
  return text.slice(0, at).trimEnd().length;
}
