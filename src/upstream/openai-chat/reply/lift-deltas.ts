/**
 * The fast path for usual chunks. Nearly all chunks of a stream hold nothing but the next few letters, and those of one
 * read have the same text around them (`parse-chunk.ts`). They are not parsed one by one: their deltas are read straight
 * from the text of the stream, and kept as they were written.
 *
 * Everything else takes the general path. Both give the same facts: a property test runs one against the other.
 */
import { isObject, type JsonObject } from "../../../lib/json.ts";
import { SseRunReader } from "../../../lib/read-sse-run.ts";
import { readWritten } from "../../../reply.ts";
import { emptyChunk, type Pattern } from "./parse-chunk.ts";
import { type PartialAnswer, readDelta } from "./read-delta.ts";

/** What is between the quotes of a JSON string. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids exactly these in a string.
const anyString = /^[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[\da-fA-F]{4})[^"\\\u0000-\u001f]*)*$/;

/** The same as `JSON.stringify` writes it, of a string that is not empty and has no rare control characters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids exactly these in a string.
const writtenString = /^(?!$)[^"\\\u0000-\u001f]*(?:\\["\\bfnrt][^"\\\u0000-\u001f]*)*$/;

/** Chunks that say nothing but their delta, so that all is read of one when its delta is. */
type UsualChunk = {
  readonly pattern: Pattern;
  readonly run: SseRunReader;
  readonly model: unknown;
  readonly delta: JsonObject;
  /** What the delta is, if it has nothing else. */
  readonly says: "text" | "thinking" | undefined;
  /** The `index` of a call, if the delta has nothing but some of its arguments. */
  readonly callIndex: number | undefined;
};

export class DeltaLifter {
  readonly #answer: PartialAnswer;
  #pattern: Pattern | undefined;
  #usual: UsualChunk | undefined;

  /** @param answer the deltas are added to it; it must not have finished */
  constructor(answer: PartialAnswer) {
    this.#answer = answer;
  }

  /** Reads the events that begin at a place in a text and are like the pattern, and returns where they end. */
  lift(text: string, from: number, pattern: Pattern): number {
    if (pattern !== this.#pattern) {
      this.#pattern = pattern;
      this.#usual = findUsual(pattern);
    }
    const answer = this.#answer;
    const usual = this.#usual;
    if (!usual || answer.search) return from;
    if (answer.reasoning.readsModel) answer.reasoning.readModel(usual.model);
    let at = from;
    while (at < text.length) {
      const end = liftWritten(answer, usual, text, at) ?? liftOthers(answer, usual, text, at);
      if (end === at) break;
      at = end;
    }
    return at;
  }
}

/**
 * Deltas that the general path adds as they are: in the middle of a text, because think tags and a prefill are only at
 * its start, in the middle of reasoning, and in the middle of a call's arguments. Undefined if there are none.
 */
function liftWritten(
  answer: PartialAnswer,
  usual: UsualChunk,
  text: string,
  from: number,
): number | undefined {
  const { says, callIndex, run } = usual;
  const { facts, reasoning, calls } = answer;
  const lane = callIndex !== undefined && answer.isInCall ? calls.findSteadyLane(callIndex) : undefined;
  if (lane === undefined && says !== answer.last) return undefined;
  const { parts, end } = run.read(text, from, writtenString);
  if (end === from) return undefined;
  const said = readWritten(parts);
  answer.isInCall = lane !== undefined;
  if (lane !== undefined) {
    calls.extendLast(said);
    facts.push({ type: "tool-delta", lane, json: said, written: parts });
  } else if (says === "text") {
    answer.blank = "";
    facts.push({ type: "text-delta", text: said, written: parts });
  } else if (reasoning.mayRepeat(parts)) {
    readEach(answer, usual, parts);
  } else {
    reasoning.extend(said);
    facts.push({ type: "thinking-delta", text: said, written: parts });
  }
  return end;
}

function liftOthers(answer: PartialAnswer, usual: UsualChunk, text: string, from: number): number {
  const { callIndex, run } = usual;
  // The second piece of a call shows how its server writes them; those after it may be added as they are.
  const { parts, end } = run.read(text, from, anyString, callIndex === undefined ? undefined : 1);
  if (end > from) readEach(answer, usual, parts);
  return end;
}

function readEach(answer: PartialAnswer, { pattern, delta }: UsualChunk, parts: readonly string[]): void {
  for (const part of parts) {
    pattern.holder[pattern.key] = readWritten([part]);
    readDelta(answer, delta);
  }
  emptyChunk(pattern);
}

/** A usual chunk is one line. Besides its delta it has only plain values that are not read. */
function findUsual(pattern: Pattern): UsualChunk | undefined {
  const { chunk, key, padding, before, after } = pattern;
  const { choices } = chunk;
  if (!Array.isArray(choices) || choices.length !== 1) return undefined;
  const [choice]: unknown[] = choices;
  if (!isObject(choice) || !isObject(choice.delta) || (choice.index ?? 0) !== 0) return undefined;
  const { delta } = choice;
  const isUsual =
    !before.includes("\n") &&
    !after.includes("\n") &&
    (padding === undefined || !readNames.has(padding)) &&
    hasOnly(chunk, ["choices"], isUnread) &&
    hasOnly(choice, ["delta", "index"]) &&
    isNothing(delta.refusal);
  if (!isUsual) return undefined;
  return {
    pattern,
    run: new SseRunReader(pattern),
    model: chunk.model,
    delta,
    says: hasOnly(delta, [key, "role"]) ? (key === "content" ? "text" : "thinking") : undefined,
    callIndex: hasOnly(delta, ["tool_calls", "role"]) ? findCallIndex(delta.tool_calls) : undefined,
  };
}

/** Whether an object has nothing to read besides these members. */
function hasOnly(object: JsonObject, names: readonly string[], isIgnored = isEmpty): boolean {
  for (const name in object) if (!names.includes(name) && !isIgnored(name, object[name])) return false;
  return true;
}

function isEmpty(_name: string, value: unknown): boolean {
  return isNothing(value);
}

/** The number of a call that says nothing of itself but more arguments. */
function findCallIndex(calls: unknown): number | undefined {
  if (!Array.isArray(calls) || calls.length !== 1) return undefined;
  const [call]: unknown[] = calls;
  if (!isObject(call) || typeof call.index !== "number" || !isObject(call.function)) return undefined;
  const { index, function: details } = call;
  const isAlone = hasOnly(call, ["index", "function", "type"]) && hasOnly(details, ["arguments"]);
  return isAlone ? index : undefined;
}

/** Plain members of a chunk that are read, so that none of them is padding. */
const readNames: ReadonlySet<string> = new Set(["error", "eval_count", "model", "object"]);

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
