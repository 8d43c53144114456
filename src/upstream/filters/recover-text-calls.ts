/**
 * Recovers tool calls that a model wrote as text because its server did not understand them. A call runs something on
 * the user's machine, so text counts as one only if nothing speaks against it: it begins a line, outside of fences
 * and not behind words such as "for example", it fits an offered tool, the answer ends with it, and the server has
 * made no call itself. A bare JSON object counts only as the whole answer.
 */
import { copyText } from "../../lib/copy-text.ts";
import { type ReplyEvent, spellOut } from "../../reply.ts";
import { parseTextCalls, type TextCall, type TextTool } from "../tools/parse-text-calls.ts";
import { type ReplyFilter, textDelta } from "./apply-stop-sequences.ts";

/** Longest text that may still become calls, and how often one may begin, so that a hostile text costs little. */
const maxHeld = 1024 * 1024;
const maxBegun = 100;

/** Slices that a line consists of before it is copied: copying it for each would take longer. */
const maxPieces = 8;

/** A place in the text, as far as it matters for what may begin there. */
type Place = {
  /** The line up to here: its beginning, and its end if it is long. */
  line: string;
  /** How many slices of reads the line consists of. */
  pieces: number;
  /** The last line before that which is not blank. */
  lineBefore: string;
  isInFence: boolean;
  /** Something other than white space has been said. */
  hasText: boolean;
};

type Recovery = {
  readonly findTool: (name: string) => TextTool | undefined;
  /** Text that may become calls. */
  held: string;
  /** Its length at which it is looked at next: looking at all of it for each piece would be quadratic. */
  nextLook: number;
  begun: number;
  /** Where the text that has been said ends. */
  readonly place: Place;
  /** No more calls will be recovered. */
  isOff: boolean;
  /** State of reasoning that came behind the held text; it goes before the calls. */
  carriers: ReplyEvent[];
};

/** @param findTool an offered tool, by the backend's name for it */
export function createTextCalls(findTool: (name: string) => TextTool | undefined): ReplyFilter {
  const recovery: Recovery = {
    findTool,
    held: "",
    nextLook: 0,
    begun: 0,
    place: { line: "", pieces: 0, lineBefore: "", isInFence: false, hasText: false },
    isOff: false,
    carriers: [],
  };
  return {
    push(events) {
      if (recovery.isOff) return events;
      const out: ReplyEvent[] = [];
      for (const event of events) {
        if (passes(recovery, event)) out.push(event);
        else for (const delta of spellOut([event])) out.push(...read(recovery, delta));
      }
      return out;
    },
    isOver: false,
  };
}

/** Whether an event passes as it is, as nearly all do. If it is text, the place is moved behind it. */
function passes(recovery: Recovery, event: ReplyEvent): boolean {
  if (recovery.isOff) return true;
  if (recovery.held !== "") return false;
  // State that came behind text that was held belongs before this.
  if (event.type !== "text-delta") return event.type === "thinking-delta" && recovery.carriers.length === 0;
  if (!isPlain(recovery, event.text)) return false;
  move(recovery.place, event.text);
  return true;
}

/** Whether no call can begin in this text. Cheap for usual texts. */
function isPlain({ held, place: { hasText, line } }: Recovery, text: string): boolean {
  if (held !== "" || !hasText) return false;
  if (!/[<[]/.test(text)) return true;
  // Only at the beginning of a line.
  return !/\n *[<[]/.test(text) && !(/^ *[<[]/.test(text) && line.trim() === "");
}

function read(recovery: Recovery, event: ReplyEvent): ReplyEvent[] {
  // An earlier event of the same read has ended it.
  if (recovery.isOff) return [event];
  switch (event.type) {
    case "text-delta":
      return textDelta(readText(recovery, event.text, false));
    case "thinking-carrier":
      if (recovery.held === "") return [event];
      recovery.carriers.push(event);
      return [];
    case "usage":
    case "limits":
      return [event];
    case "finish":
      return event.reason === "stop" ? [...end(recovery), event] : [...flush(recovery), event];
    case "tool-start":
    case "failure":
      recovery.isOff = true;
      return [...flush(recovery), event];
    case "thinking-delta":
    case "tool-delta":
    case "tool-end":
    case "web-search":
    case "tool-search":
    case "citation":
    case "compaction":
    case "passed":
      return [...flush(recovery), event];
    default:
      return event satisfies never;
  }
}

function flush(recovery: Recovery): ReplyEvent[] {
  const { held, carriers } = recovery;
  move(recovery.place, held);
  recovery.held = "";
  recovery.carriers = [];
  return [...textDelta(held), ...carriers];
}

/** Returns the part of the text that is certainly no call; the rest is held. */
function readText(recovery: Recovery, text: string, isLast: boolean): string {
  if (isPlain(recovery, text)) {
    move(recovery.place, text);
    return text;
  }
  const whole = recovery.held + text;
  if (recovery.held !== "" && !isLast && whole.length < recovery.nextLook) {
    recovery.held = whole;
    return "";
  }
  let said = 0;
  for (let at = findStart(recovery, whole, 0); at !== undefined; at = findStart(recovery, whole, said)) {
    move(recovery.place, whole.slice(said, at));
    said = at;
    const rest = whole.slice(at);
    const isHopeless = isLast || rest.length > maxHeld || parseTextCalls(rest, recovery.findTool) === "none";
    if (!isHopeless) {
      recovery.held = rest;
      recovery.nextLook = rest.length < 64 ? 0 : rest.length * 2;
      return whole.slice(0, at);
    }
    recovery.begun += 1;
    recovery.isOff ||= recovery.begun > maxBegun || rest.length > maxHeld;
    move(recovery.place, whole.charAt(at));
    said = at + 1;
  }
  move(recovery.place, whole.slice(said));
  recovery.held = "";
  return whole;
}

/** The answer has ended: the calls, or the text that was held back. */
function end(recovery: Recovery): ReplyEvent[] {
  const { held, findTool } = recovery;
  let text = "";
  for (let rest = held; rest !== ""; rest = recovery.held) {
    const calls = parseTextCalls(rest, findTool);
    if (typeof calls !== "string") {
      recovery.held = "";
      return [...textDelta(text), ...recovery.carriers, ...calls.flatMap(writeCall)];
    }
    // What begins here is no call; another one may begin later.
    move(recovery.place, rest.charAt(0));
    text += rest.charAt(0);
    recovery.held = "";
    recovery.nextLook = 0;
    text += readText(recovery, rest.slice(1), false);
  }
  return [...textDelta(text), ...recovery.carriers];
}

function writeCall({ tool: { name, toolset }, input }: TextCall, lane: number): ReplyEvent[] {
  return [
    { type: "tool-start", lane, id: "", name, ...(toolset !== undefined && { toolset }) },
    { type: "tool-delta", lane, json: JSON.stringify(input) },
    { type: "tool-end", lane },
  ];
}

/** Where in the text a call may begin, looking from a position up to which the text has passed. */
function findStart({ isOff, place }: Recovery, text: string, from: number): number | undefined {
  if (isOff) return undefined;
  const ahead = { ...place };
  for (const { 0: piece, index } of text.slice(from).matchAll(/[<[{\n]|[^<[{\n]+/g)) {
    if (mayBegin(ahead, piece)) return from + index;
    move(ahead, piece);
  }
  return undefined;
}

function mayBegin({ line, lineBefore, isInFence, hasText }: Place, piece: string): boolean {
  if (piece !== "<" && piece !== "[") return piece === "{" && !hasText;
  const isAlone = !hasText && piece === "[";
  return isAlone || (!isInFence && /^ {0,3}$/.test(line) && !introducesExample.test(lineBefore));
}

/** Words before something that is shown and not meant. */
const introducesExample =
  /\b(?:examples?|e\.g|for instance|such as|like (?:this|that|so)|looks? like|as follows|syntax|format|written)\b/i;

function isFence(line: string): boolean {
  return /^ {0,3}(?:```|~~~)/.test(line);
}

/** Moves a place to the end of the text that follows it. */
function move(place: Place, text: string): void {
  place.hasText ||= text.trim() !== "";
  let start = 0;
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", start)) {
    const line = joinLine(place.line, text.slice(start, at));
    if (isFence(line)) place.isInFence = !place.isInFence;
    if (line.trim() !== "") place.lineBefore = copyText(line);
    place.line = "";
    start = at + 1;
  }
  place.line = joinLine(place.line, start === 0 ? text : text.slice(start));
  place.pieces += 1;
  if (place.pieces < maxPieces) return;
  place.line = copyText(place.line);
  place.pieces = 0;
}

/** A long line keeps its beginning and its end. */
function joinLine(line: string, text: string): string {
  // Neither its beginning nor its end needs more.
  return line.length + text.length > 1024 ? line.slice(0, 32) + (line + text).slice(-256) : line + text;
}
