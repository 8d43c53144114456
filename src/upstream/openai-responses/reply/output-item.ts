/** One item of an answer's output, as far as it has come, and what a finished output says of it. */
import { asObject, asString, isObject, type JsonObject, listOf } from "../../../lib/json.ts";

/** One item of the output. */
export type OutputItem = {
  readonly type: string;
  id: string;
  /** Of a function call; empty for all others. */
  callId: string;
  /** Of a function call that was emitted: one that has no name yet waits for it. */
  lane: number | undefined;
  /** Its text or arguments so far. */
  said: string;
  /** Arguments that came with the announcement, until it is clear whether pieces follow. */
  announced: string;
  /** For reasoning: which of its texts is read. A server that sends both says the same in both. */
  kind: "summary" | "content" | undefined;
  /** The number of the part that is being said, and where in `said` it begins. */
  part: number;
  partStart: number;
  isAnnounced: boolean;
  hasEnded: boolean;
};

/** Where an event says that its item is. Servers leave out either, or send wrong values. */
export type ItemPlace = { readonly index: unknown; readonly id: string };

export function createItem({ type, id, call_id }: JsonObject): OutputItem {
  return {
    type: asString(type),
    id: asString(id),
    callId: type === "function_call" ? asString(call_id) : "",
    lane: undefined,
    said: "",
    announced: "",
    kind: undefined,
    part: 0,
    partStart: 0,
    isAnnounced: false,
    hasEnded: false,
  };
}

/** Whether text of this part comes after another part of the same item. Moves on to that part. */
export function turnToPart(item: OutputItem, part: unknown): boolean {
  const number = numberOf(part);
  if (number === item.part) return false;
  item.part = number;
  item.partStart = item.said.length;
  return item.said !== "";
}

/** What is left of a whole part: nothing of one that is over, or that differs from what was said. */
export function restOfPart(item: OutputItem, part: unknown, whole: string): string {
  const number = numberOf(part);
  const said = item.said.slice(item.partStart);
  if (number < item.part || whole === said) return "";
  return number > item.part ? whole : restOf(said, whole);
}

function numberOf(part: unknown): number {
  return typeof part === "number" ? part : 0;
}

/**
 * The item that came in pieces, for one of the finished output: some servers change ids and places on the way.
 * @param left those that have not been found for another item
 * @param atPlace the one that came in the same place
 */
export function findKnown(
  left: readonly OutputItem[],
  atPlace: OutputItem | undefined,
  whole: JsonObject,
): OutputItem | undefined {
  const [callId, id] = [asString(whole.call_id), asString(whole.id)];
  const same = left.filter(({ type }) => type === whole.type);
  return (
    same.find((item) => callId !== "" && item.callId === callId) ??
    same.find((item) => id !== "" && item.id === id) ??
    same.find((item) => item === atPlace) ??
    same.find((item) => item.callId === "" && (!item.hasEnded || item.said === textOf(whole)))
  );
}

function textOf({ content, summary, arguments: given }: JsonObject): string {
  return writeArguments(given) || joinTexts(listParts(content), "") || joinTexts(summary, summaryGap);
}

/** What is left of a text of which a part was said. Nothing if the two differ: what was said cannot be taken back. */
export function restOf(said: string, whole: string): string {
  return whole.startsWith(said) ? whole.slice(said.length) : "";
}

export function writeArguments(given: unknown): string {
  return isObject(given) ? JSON.stringify(given) : asString(given);
}

export function joinTexts(parts: unknown, separator: string): string {
  return listOf(parts)
    .map((part) => asString(asObject(part)?.text))
    .filter((text) => text !== "")
    .join(separator);
}

/** The parts of a message. Some servers send a single text without them. */
export function listParts(content: unknown): JsonObject[] {
  return typeof content === "string"
    ? [{ type: "output_text", text: content }]
    : listOf(content).filter(isObject);
}

/** Parts of a summary are paragraphs, each with a heading of its own. */
export const summaryGap = "\n\n";
