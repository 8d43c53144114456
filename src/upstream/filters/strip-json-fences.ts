/**
 * Removes the Markdown fence that models like to put around JSON they were asked for. Valid JSON never begins with a
 * fence, so nothing is lost if a backend enforces the format.
 *
 * Each character is looked at once, so that a model that keeps sending newlines does not slow down other streams.
 */
import { type ReplyEvent, spellOut } from "../../reply.ts";
import { type ReplyFilter, textDelta } from "./apply-stop-sequences.ts";

/** The fence and its language, up to the end of the line or the JSON. */
const opening = /^```[\w-]{0,16}[ \t]*(?:\r?\n|(?=[{[]))/;
/** Text that may still become an opening fence. */
const partOfOpening = /^(`{0,2}|```[\w-]{0,16}[ \t]*\r?)$/;

/** Limit on white space held back, in characters. JSON may have any amount of it, so the rest can pass. */
const maxHeld = 1024;
/** A longer opening line, in characters, is text. */
const maxOpening = 64;

type TextReader = {
  /** Returns the part of the text so far that is certainly JSON and was not returned before. */
  push(text: string): string;
  /** Something other than text follows: returns what was held back. */
  flush(): string;
};

export function createJsonFences(): ReplyFilter {
  const reader = createStartReader();
  return {
    push: (events) =>
      spellOut(events).flatMap((event): ReplyEvent[] => {
        if (event.type === "usage") return [event];
        if (event.type === "text-delta") return textDelta(reader.push(event.text));
        return [...textDelta(reader.flush()), event];
      }),
    isOver: false,
  };
}

/** Reads up to the opening fence. Then a second reader takes over, or everything passes. */
function createStartReader(): TextReader {
  let inner: TextReader | undefined;
  let space = "";
  let begun = "";
  return {
    push(text) {
      if (inner) return inner.push(text);
      const start = begun === "" ? text.search(/\S/) : 0;
      if (start === -1) {
        space += text;
        return space.length > maxHeld ? takeSpace() : "";
      }
      space += text.slice(0, start);
      begun += text.slice(start);
      if (begun.length <= maxOpening && partOfOpening.test(begun)) return "";
      const [fence] = opening.exec(begun) ?? [];
      inner = fence === undefined ? plain : createFencedReader();
      return fence === undefined ? takeSpace() + begun : inner.push(begun.slice(fence.length));
    },
    flush() {
      if (inner) return inner.flush();
      const text = takeSpace() + begun;
      begun = "";
      return text;
    },
  };

  function takeSpace(): string {
    const text = space;
    space = "";
    return text;
  }
}

const plain: TextReader = { push: (text) => text, flush: () => "" };

/**
 * JSON has no backtick outside its strings, so the first one ends it. Whatever a model adds after it was not asked
 * for.
 */
function createFencedReader(): TextReader {
  let state: FencedState = "between";
  /** White space at the end, dropped if the closing fence follows. */
  let held = "";

  return {
    push(text) {
      if (state === "over") return "";
      /** Where the white space at the end begins; 0 while `held` is part of it. */
      let end = 0;
      for (let at = 0; at < text.length; at++) {
        const character = text.charAt(at);
        state = readCharacter(state, character);
        if (state === "over") break;
        if (state !== "between" || !isSpace(character)) end = at + 1;
      }
      const json = end > 0 ? held + text.slice(0, end) : "";
      held = (end > 0 ? "" : held) + text.slice(end);
      if (state === "over") held = "";
      if (held.length <= maxHeld) return json;
      return json + this.flush();
    },
    flush() {
      const text = held;
      held = "";
      return text;
    },
  };
}

type FencedState = "between" | "string" | "escape" | "over";

function readCharacter(state: FencedState, character: string): FencedState {
  switch (state) {
    case "between":
      if (character === "`") return "over";
      return character === '"' ? "string" : "between";
    case "string":
      if (character === "\\") return "escape";
      return character === '"' ? "between" : "string";
    case "escape":
      return "string";
    case "over":
      return "over";
    default:
      return state satisfies never;
  }
}

function isSpace(character: string): boolean {
  return character === " " || character === "\n" || character === "\r" || character === "\t";
}
