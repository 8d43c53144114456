/**
 * How much one request may contain. No client comes near these bounds; without them, a body within the size limit
 * could keep the process busy for many seconds.
 */
import { isObject } from "../lib/json.ts";

/** Anthropic's own limit. */
const maxMessages = 100_000;
/** Blocks of all messages and of the system prompt together, nested ones included. */
const maxBlocks = 100_000;
const maxTools = 10_000;
const maxStops = 1000;
/** Characters of all stop sequences together. */
const maxStopCharacters = 100_000;

/** The first bound that an unchecked body exceeds, as an error message; undefined if it is within all of them. */
export function findBreach(body: unknown): string | undefined {
  if (!isObject(body)) return undefined;
  const { messages, system, tools, stop_sequences: stops } = body;
  if (isLonger(messages, maxMessages)) return tooMany("messages", maxMessages);
  if (isLonger(tools, maxTools)) return tooMany("tools", maxTools);
  if (isLonger(stops, maxStops)) return tooMany("stop_sequences", maxStops);
  if (countCharacters(stops) > maxStopCharacters)
    return `stop_sequences: All of them together should have at most ${show(maxStopCharacters)} characters`;
  if (hasMoreBlocks([{ content: system }, ...listOf(messages)], maxBlocks))
    return `messages: All of them together should have at most ${show(maxBlocks)} content blocks`;
  return undefined;
}

/** Counts whatever is in a list that may contain blocks, at any depth; stops as soon as there are too many. */
function hasMoreBlocks(holders: readonly unknown[], limit: number): boolean {
  let blocks = 0;
  let level = holders;
  while (level.length > 0) {
    const next: unknown[] = [];
    for (const holder of level) {
      if (!isObject(holder)) continue;
      for (const list of listsIn(holder)) {
        blocks += list.length;
        if (blocks > limit) return true;
        for (const block of list) next.push(block);
      }
    }
    level = next;
  }
  return false;
}

/** The places where messages and blocks contain other blocks. */
function listsIn({ content, source, tool_changes }: Readonly<Record<string, unknown>>): unknown[][] {
  return [content, isObject(source) ? source.content : undefined, tool_changes].map(listOf);
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

const isLonger = (value: unknown, limit: number): boolean => listOf(value).length > limit;

function countCharacters(stops: unknown): number {
  return listOf(stops).reduce<number>((sum, stop) => sum + (typeof stop === "string" ? stop.length : 0), 0);
}

const tooMany = (field: string, limit: number): string =>
  `${field}: List should have at most ${show(limit)} items`;

const show = (amount: number): string => amount.toLocaleString("en-US");
