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

/**
 * The first bound that an unchecked body exceeds, as an error message; undefined if it is within all of them.
 *
 * @param length of its JSON, bytes; an item of a list takes two at least
 */
export function findBreach(body: unknown, length: number): string | undefined {
  if (length < 2 * maxStops || !isObject(body)) return undefined;
  const { messages, system, tools, stop_sequences: stops } = body;
  if (isLonger(messages, maxMessages)) return tooMany("messages", maxMessages);
  if (isLonger(tools, maxTools)) return tooMany("tools", maxTools);
  if (isLonger(stops, maxStops)) return tooMany("stop_sequences", maxStops);
  if (countCharacters(stops) > maxStopCharacters)
    return `stop_sequences: All of them together should have at most ${show(maxStopCharacters)} characters`;
  if (length >= 2 * maxBlocks && hasMoreBlocks([{ content: system }, ...listOf(messages)], maxBlocks))
    return `messages: All of them together should have at most ${show(maxBlocks)} content blocks`;
  return undefined;
}

/** Counts whatever is in a list that may contain blocks, at any depth; stops as soon as there are too many. */
function hasMoreBlocks(holders: readonly unknown[], limit: number): boolean {
  const lists: unknown[][] = [];
  for (const holder of holders) addLists(holder, lists);
  let blocks = 0;
  // The list grows while it is walked.
  for (const list of lists) {
    blocks += list.length;
    if (blocks > limit) return true;
    for (const block of list) addLists(block, lists);
  }
  return false;
}

/** Adds the lists in which a message or a block contains other blocks. */
function addLists(holder: unknown, lists: unknown[][]): void {
  if (!isObject(holder)) return;
  const { content, source, tool_changes } = holder;
  if (Array.isArray(content)) lists.push(content);
  if (isObject(source) && Array.isArray(source.content)) lists.push(source.content);
  if (Array.isArray(tool_changes)) lists.push(tool_changes);
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

const isLonger = (value: unknown, limit: number): boolean => listOf(value).length > limit;

function countCharacters(stops: unknown): number {
  return listOf(stops).reduce<number>((sum, stop) => sum + (typeof stop === "string" ? stop.length : 0), 0);
}

const tooMany = (field: string, limit: number): string =>
  `${field}: List should have at most ${show(limit)} items`;

const show = (amount: number): string => amount.toLocaleString("en-US");
