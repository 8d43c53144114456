/**
 * The short way of the usual chunks. Nearly all chunks of a stream say nothing but the next few letters, and those of
 * one read are alike around them (`parse-chunk.ts`). They are not taken apart one by one: their deltas are read
 * straight from the text of the stream, and deltas of text stay as they are written.
 *
 * Everything else takes the general way. Both ways give the same facts: a property test runs one against the other.
 */
import { isObject, type JsonObject } from "../../../lib/json.ts";
import { readSseRun } from "../../../lib/read-sse-run.ts";
import { readWritten } from "../../../reply.ts";
import type { Pattern } from "./parse-chunk.ts";
import { type PartialAnswer, readDelta } from "./read-delta.ts";

/** What is between the quotes of a JSON string. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids exactly these in a string.
const anyString = /^(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*$/;

/** The same as `JSON.stringify` writes it, of a string that is not empty and has no rare control characters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids exactly these in a string.
const writtenString = /^(?:[^"\\\u0000-\u001f]|\\["\\bfnrt])+$/;

/** Chunks that say nothing but their delta, so that all is read of one when its delta is. */
type UsualChunk = {
  readonly pattern: Pattern;
  readonly model: unknown;
  readonly delta: JsonObject;
  /** The delta has nothing but text. */
  readonly isText: boolean;
};

/** Reads the events at the start of a text that are like the pattern, and returns how much of the text they are. */
export type DeltaLifter = (text: string, pattern: Pattern) => number;

/** @param answer the deltas are added to it; it must not have finished */
export function createDeltaLifter(answer: PartialAnswer): DeltaLifter {
  let known: Pattern | undefined;
  let usual: UsualChunk | undefined;
  return (text, pattern) => {
    if (pattern !== known) {
      known = pattern;
      usual = findUsual(pattern);
    }
    if (!usual || answer.search) return 0;
    if (answer.reasoning.readsModel) answer.reasoning.readModel(usual.model);
    // In the middle of a text the general way adds any more as it is: think tags and a prefill are only at its start.
    if (usual.isText && answer.last === "text") return liftText(answer, pattern, text);
    return liftOthers(answer, usual, text);
  };
}

function liftText({ facts }: PartialAnswer, pattern: Pattern, text: string): number {
  const { parts, end } = readSseRun(text, pattern, writtenString);
  const [first] = parts;
  if (first !== undefined) {
    const text = readWritten(parts.length === 1 ? first : parts.join(""));
    facts.push({ type: "text-delta", text, written: parts });
  }
  return end;
}

function liftOthers(answer: PartialAnswer, { pattern, delta }: UsualChunk, text: string): number {
  const { parts, end } = readSseRun(text, pattern, anyString);
  for (const part of parts) {
    pattern.holder[pattern.key] = readWritten(part);
    readDelta(answer, delta);
  }
  return end;
}

/** What else a usual chunk has is a plain value that nobody reads, and its choice has nothing else. */
function findUsual(pattern: Pattern): UsualChunk | undefined {
  const { chunk } = pattern;
  const choices = isObject(chunk) ? chunk.choices : undefined;
  if (!isObject(chunk) || !Array.isArray(choices) || choices.length !== 1) return undefined;
  const [choice]: unknown[] = choices;
  if (!isObject(choice) || !isObject(choice.delta) || (choice.index ?? 0) !== 0) return undefined;
  const { delta } = choice;
  const isUsual =
    Object.entries(chunk).every(([name, value]) => name === "choices" || isUnread(name, value)) &&
    Object.entries(choice).every(
      ([name, value]) => name === "delta" || name === "index" || isNothing(value),
    ) &&
    isNothing(delta.refusal);
  if (!isUsual) return undefined;
  const isText =
    pattern.key === "content" &&
    Object.entries(delta).every(([name, value]) => name === "content" || name === "role" || isNothing(value));
  return { pattern, model: chunk.model, delta, isText };
}

function isUnread(name: string, value: unknown): boolean {
  if (isNothing(value)) return true;
  const isPlain = typeof value === "string" || typeof value === "number";
  return isPlain && name !== "error" && name !== "eval_count" && !(name === "object" && value === "error");
}

function isNothing(value: unknown): boolean {
  return (
    value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0)
  );
}
