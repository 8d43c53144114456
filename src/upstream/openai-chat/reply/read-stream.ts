/**
 * Room `upstream/openai-chat/reply/`: chunks and messages, read as facts. Not here: content blocks, and trust in what
 * a server sends.
 *
 * Reads a streamed chat completion. Every chunk is `unknown` until checked: whatever a server adds, leaves out or
 * misplaces must not stop the answer.
 */
import { ProxyError, toProxyError } from "../../../errors.ts";
import type { SseFrame } from "../../../lib/decode-sse.ts";
import { asString, isObject, type JsonObject } from "../../../lib/json.ts";
import type { Plan } from "../../../plan/plan.ts";
import type { FinishReason, ReplyEvent, Usage } from "../../../reply.ts";
import { fillsWindow } from "../../answer/fills-window.ts";
import { readTimings, readUsage } from "../../answer/read-usage.ts";
import type { Reader, WrittenRequest } from "../../protocol.ts";
import { readErrorFrame } from "../../refusal/read-error.ts";
import { findChoices, findUsage, splitFrame } from "./find-choices.ts";
import { findError } from "./find-error.ts";
import { DeltaLifter } from "./lift-deltas.ts";
import { type ChunkParser, createChunkParser, maxCredit } from "./parse-chunk.ts";
import { beginAnswer, endAnswer, endText, type PartialAnswer, readCalls, readDelta } from "./read-delta.ts";
import { chooseFinish, type Finish, readFinish, readWord } from "./read-finish.ts";
import { createRepeatFilter, type RepeatFilter } from "./skip-repeated.ts";

type Stream = {
  readonly plan: Plan;
  readonly answer: PartialAnswer;
  /** The `index` of the choice whose text is read; undefined until a choice has come. */
  choiceIndex: unknown;
  /** Another choice that has said the first text. */
  speaker: number | undefined;
  finish: Finish | undefined;
  /** Nothing but usage is expected any more. */
  isFinished: boolean;
  /** A finish reason that was followed by more of the answer, so that it does not mean the end. */
  disproved: string | undefined;
  /** Whole messages that came in place of deltas. */
  messages: RepeatFilter | undefined;
  usage: Usage | undefined;
  /** The last chunk had nothing but the usage of an answer. */
  endsInUsage: boolean;
  /** The last text or chunk that was not part of an answer: it explains an answer that never comes. */
  strange: unknown;
  /** `[DONE]` has come. */
  isDone: boolean;
  /** `failure` or `finish` was emitted. */
  isOver: boolean;
};

function beginStream(plan: Plan, written: WrittenRequest): Stream {
  return {
    plan,
    answer: beginAnswer(plan, written),
    choiceIndex: undefined,
    speaker: undefined,
    finish: undefined,
    isFinished: false,
    disproved: undefined,
    messages: undefined,
    usage: undefined,
    endsInUsage: false,
    strange: undefined,
    isDone: false,
    isOver: false,
  };
}

/** Reads a stream of one chunk, in which there is no error. It needs no finish reason to prove that it is complete. */
export function readWhole(chunk: JsonObject, plan: Plan, written: WrittenRequest): ReplyEvent[] {
  const stream = beginStream(plan, written);
  try {
    readChunk(stream, chunk);
    stream.isDone = true;
    endStream(stream);
  } catch (thrown) {
    fail(stream, toProxyError(thrown));
  }
  return stream.answer.facts;
}

export function createReader(plan: Plan, written: WrittenRequest): Reader {
  return new ChunkReader(plan, written);
}

class ChunkReader implements Reader {
  readonly #stream: Stream;
  readonly #parser = createChunkParser();
  readonly #lifter: DeltaLifter;

  constructor(plan: Plan, written: WrittenRequest) {
    this.#stream = beginStream(plan, written);
    this.#lifter = new DeltaLifter(this.#stream.answer);
  }

  push(frame: SseFrame): ReplyEvent[] {
    const stream = this.#stream;
    try {
      if (!stream.isOver && !stream.isDone) readFrame(stream, this.#parser, frame);
    } catch (thrown) {
      // After the facts that the frame has already given.
      fail(stream, toProxyError(thrown));
    }
    return this.take();
  }

  take(): ReplyEvent[] {
    const { answer } = this.#stream;
    const taken = answer.facts;
    answer.facts = [];
    return taken;
  }

  lift(text: string, from: number): number {
    try {
      return liftDeltas(this.#stream, this.#parser, this.#lifter, text, from);
    } catch (thrown) {
      fail(this.#stream, toProxyError(thrown));
      return text.length;
    }
  }

  end(): ReplyEvent[] {
    if (!this.#stream.isOver) endStream(this.#stream);
    return this.take();
  }

  get state(): Reader["state"] {
    const { isOver, isDone, isFinished } = this.#stream;
    if (isOver || isDone) return "done";
    return isFinished ? "finished" : "reading";
  }
}

/** The usual chunks from a place on. Whatever else a chunk could change is as the last usual chunk left it. */
function liftDeltas(
  stream: Stream,
  parser: ChunkParser,
  lifter: DeltaLifter,
  text: string,
  from: number,
): number {
  const { pattern } = parser;
  const isUnderWay = stream.choiceIndex === 0 && !stream.finish && !stream.isDone && !stream.isOver;
  if (!pattern || !isUnderWay) return from;
  const end = lifter.lift(text, from, pattern);
  if (end > from) {
    parser.credit = maxCredit;
    stream.strange = undefined;
    stream.endsInUsage = false;
  }
  return end;
}

function readFrame(stream: Stream, parser: ChunkParser, frame: SseFrame): void {
  const { plan } = stream;
  const data = frame.data.trim();
  if (data === "") return;
  if (data === "[DONE]" || data === "[done]") {
    stream.isDone = true;
    return;
  }
  const chunk = parser.parse(data);
  const error = frame.event === "error" ? (findError(chunk) ?? chunk ?? data) : findError(chunk);
  if (error !== undefined) return fail(stream, readErrorFrame(error, plan));
  if (isObject(chunk)) readChunk(stream, chunk);
  // An HTML page instead of events is a failure; other noise between events is not.
  else if (data.startsWith("<")) fail(stream, readErrorFrame(data, plan));
  else readNoise(stream, parser, frame.event, data);
}

/** Several events in one, or something else. */
function readNoise(stream: Stream, parser: ChunkParser, event: string, data: string): void {
  const parts = splitFrame(data);
  if (!parts || parts.length === 0 || parts[0] === data) {
    stream.strange = data;
    return;
  }
  for (const part of parts)
    if (!stream.isOver && !stream.isDone) readFrame(stream, parser, { event, data: part });
}

function readChunk(stream: Stream, chunk: JsonObject): void {
  const { answer, plan } = stream;
  answer.search?.read(chunk);
  answer.reasoning.readModel(chunk.model);
  const choices = Array.isArray(chunk.choices) ? chunk.choices : findChoices(chunk);
  let choice: JsonObject | undefined;
  if (choices.length > 0) choice = readChoices(stream, choices);
  stream.strange = choice ? undefined : chunk;
  stream.endsInUsage = false;
  const usage = isObject(chunk.usage) ? chunk.usage : findUsage(chunk, choice);
  if (usage) addUsage(stream, readUsage(usage, plan.quirks.usage.reasoning), choice === undefined);
  else if (isObject(chunk.timings)) addUsage(stream, readTimings(chunk.timings), choice === undefined);
}

/**
 * We ask for one choice, number 0. If a server counts differently, the first one that it sends is used. Others may be
 * parts of the same answer: their calls count, and their text if there is no other.
 * @returns the last choice that is an object
 */
function readChoices(stream: Stream, choices: readonly unknown[]): JsonObject | undefined {
  if (stream.choiceIndex === undefined) {
    const all = choices.filter(isObject);
    stream.choiceIndex = all.some(({ index }) => (index ?? 0) === 0) ? 0 : all[0]?.index;
  }
  const { choiceIndex } = stream;
  let last: JsonObject | undefined;
  for (let at = 0; at < choices.length; at += 1) {
    const choice = choices[at];
    if (!isObject(choice)) continue;
    const { index } = choice;
    const isMain = (index ?? choiceIndex) === choiceIndex && !last;
    // Where several have one index, their places tell them apart.
    const isOwn = typeof index === "number" && index !== last?.index;
    readChoice(stream, choice, isMain ? 0 : isOwn ? 1 + index : 1000 + at);
    last = choice;
  }
  return last;
}

/** @param number of the choice; 0 for the one whose text is read */
function readChoice(stream: Stream, choice: JsonObject, number: number): void {
  const { answer } = stream;
  const { delta, message, text } = choice;
  const before = answer.facts.length;
  answer.search?.read(choice);
  if (isObject(delta)) readSaid(stream, delta, number);
  if (isObject(message)) readMessage(stream, message, choice, number);
  // A server of OpenAI's older completions.
  if (!delta && !message && typeof text === "string") readSaid(stream, { content: text }, number);
  const hasSaid = answer.facts.length > before;
  if (hasSaid && stream.finish) disproveFinish(stream, stream.finish);
  if (number === 0 || hasSaid || choice.index === 0)
    addFinish(stream, readWord(choice.finish_reason), choice);
}

function readSaid(stream: Stream, said: JsonObject, number: number): void {
  const { answer } = stream;
  answer.search?.read(said);
  if (number > 0 && answer.hasText && stream.speaker !== number) return readCalls(answer, said, number);
  readDelta(answer, said, number);
  if (number > 0 && answer.hasText) stream.speaker = number;
  if (said.refusal && asString(said.refusal) !== "") addFinish(stream, "refusal", {});
}

function readMessage(stream: Stream, message: JsonObject, choice: JsonObject, number: number): void {
  const { answer } = stream;
  const isFirst = answer.last === "nothing";
  if (number > 0)
    return isFirst || !answer.hasText
      ? readSaid(stream, message, number)
      : readCalls(answer, message, number, true);
  if (isFirst) stream.messages ??= createRepeatFilter();
  const isLast = readWord(choice.finish_reason) !== "";
  const unsaid = stream.messages?.push(message, isLast);
  if (isFirst) return readSaid(stream, unsaid ?? message, number);
  const { content, refusal, tool_calls, function_call, ...thinking } = unsaid ?? message;
  answer.search?.read(message);
  // The deltas have said it.
  const isSaid = !unsaid;
  if (!(isSaid && answer.hasThinking)) readDelta(answer, thinking);
  if (!(isSaid && answer.hasText)) readSaid(stream, { content, refusal }, number);
  readCalls(answer, { tool_calls, function_call }, number, true);
}

/** More of the answer came after its finish reason. */
function disproveFinish(stream: Stream, { reason, word }: Finish): void {
  stream.disproved = word;
  stream.isFinished = false;
  if (reason === "unknown") stream.finish = undefined;
}

function addFinish(stream: Stream, word: string, choice: JsonObject): void {
  if (word === "") return;
  const finish = readFinish(word, choice, stream.plan.request.stop_sequences ?? []);
  if (!finish) return;
  const isDisproved = word === stream.disproved;
  if (isDisproved && finish.reason === "unknown") return;
  stream.finish = chooseFinish(stream.finish, finish);
  stream.isFinished = finish.reason !== "unknown" && !isDisproved;
}

/** Counts of zero, before or after the real ones, mean nothing. */
function addUsage(stream: Stream, usage: Usage, isAlone: boolean): void {
  const { search, facts } = stream.answer;
  search?.counted(usage.webSearches);
  if (usage.inputTokens + usage.cacheReadTokens + usage.outputTokens === 0) return;
  stream.usage = usage;
  stream.endsInUsage = isAlone && usage.outputTokens > 0;
  facts.push({ type: "usage", usage });
}

function endStream(stream: Stream): void {
  const { answer } = stream;
  endText(answer);
  // To explain is to build an error, and a finished answer needs none.
  const needsNone = stream.finish && !isCut(stream, stream.finish);
  const explanation = needsNone ? undefined : findExplanation(stream);
  const finish = stream.finish ?? (isWhole(stream, explanation) ? natural : undefined);
  if (!finish || isCut(stream, finish)) return fail(stream, explanation ?? unfinished());
  const { reason, word, stopSequence } = finish;
  if (reason === "failure") return fail(stream, gaveUp(word));
  endAnswer(answer);
  answer.facts.push({ type: "finish", reason: chooseReason(stream, reason), stopSequence });
  stream.isOver = true;
}

/** An unknown word, and the end of the body behind it, do not make half a call whole. */
function isCut({ answer, isDone }: Stream, finish: Finish): boolean {
  return finish.reason === "unknown" && !isDone && answer.calls.isCut;
}

/** What the last strange chunk says about an answer that did not come. */
function findExplanation({ plan, strange }: Stream): ProxyError | undefined {
  const reported = strange === undefined ? undefined : readErrorFrame(strange, plan);
  return reported?.fault.text ? reported : undefined;
}

const natural: Finish = { reason: "stop", word: "" };

/**
 * Whether an answer without a finish reason is whole: the server says so with `[DONE]`, or with the usage that comes
 * after the last token.
 */
function isWhole({ answer, isDone, endsInUsage }: Stream, explanation: ProxyError | undefined): boolean {
  if (isDone) return !(explanation && answer.last === "nothing");
  return endsInUsage && answer.last !== "nothing" && !answer.calls.isCut;
}

function chooseReason(stream: Stream, reason: Exclude<Finish["reason"], "failure">): FinishReason {
  if (reason === "unknown") return "stop";
  return reason === "max-tokens" && fillsWindow(stream.plan, stream.usage) ? "context-window" : reason;
}

function fail(stream: Stream, error: ProxyError): void {
  stream.answer.facts.push({ type: "failure", error });
  stream.isOver = true;
}

function unfinished(): ProxyError {
  return new ProxyError("upstream", "The backend ended its stream before the answer was finished");
}

function gaveUp(word: string): ProxyError {
  const kind = word === "insufficient_system_resource" ? "overloaded" : "upstream";
  return new ProxyError(kind, `The backend gave up with finish reason "${word}"`);
}
