/**
 * Reads the chunks of a chat completion, whole or streamed. Every chunk is `unknown` until checked: whatever a server
 * adds, leaves out or misplaces must not stop the answer.
 */
import { ProxyError } from "../../../errors.ts";
import { asString, isObject, type JsonObject } from "../../../lib/json.ts";
import type { Plan } from "../../../plan/plan.ts";
import type { FinishReason, Usage } from "../../../reply.ts";
import { fillsWindow } from "../../answer/fills-window.ts";
import { readTimings, readUsage } from "../../answer/read-usage.ts";
import type { WrittenRequest } from "../../protocol.ts";
import { readErrorFrame } from "../../refusal/read-error.ts";
import { findChoices, findUsage } from "./find-choices.ts";
import { beginAnswer, endAnswer, endText, type PartialAnswer, readCalls, readDelta } from "./read-delta.ts";
import { chooseFinish, type Finish, readFinish, readWord } from "./read-finish.ts";
import { createRepeatFilter, type RepeatFilter } from "./skip-repeated.ts";

/** What is known of an answer while its chunks are read. */
export type Completion = {
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

export function beginCompletion(plan: Plan, written: WrittenRequest): Completion {
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

/** Reads a chunk in which there is no error. */
export function readChunk(completion: Completion, chunk: JsonObject): void {
  const { answer, plan } = completion;
  answer.search?.read(chunk);
  answer.reasoning.readModel(chunk.model);
  const choices = Array.isArray(chunk.choices) ? chunk.choices : findChoices(chunk);
  let choice: JsonObject | undefined;
  if (choices.length > 0) choice = readChoices(completion, choices);
  completion.strange = choice ? undefined : chunk;
  completion.endsInUsage = false;
  const usage = isObject(chunk.usage) ? chunk.usage : findUsage(chunk, choice);
  if (usage) addUsage(completion, readUsage(usage, plan.quirks.usage.reasoning), choice === undefined);
  else if (isObject(chunk.timings)) addUsage(completion, readTimings(chunk.timings), choice === undefined);
}

/**
 * We ask for one choice, number 0. If a server counts differently, the first one that it sends is used. Others may be
 * parts of the same answer: their calls count, and their text if there is no other.
 * @returns the last choice that is an object
 */
function readChoices(completion: Completion, choices: readonly unknown[]): JsonObject | undefined {
  if (completion.choiceIndex === undefined) {
    const all = choices.filter(isObject);
    completion.choiceIndex = all.some(({ index }) => (index ?? 0) === 0) ? 0 : all[0]?.index;
  }
  const { choiceIndex } = completion;
  let last: JsonObject | undefined;
  for (let at = 0; at < choices.length; at += 1) {
    const choice = choices[at];
    if (!isObject(choice)) continue;
    const { index } = choice;
    const isMain = (index ?? choiceIndex) === choiceIndex && !last;
    // Where several have one index, their places tell them apart.
    const isOwn = typeof index === "number" && index !== last?.index;
    readChoice(completion, choice, isMain ? 0 : isOwn ? 1 + index : 1000 + at);
    last = choice;
  }
  return last;
}

/** @param number of the choice; 0 for the one whose text is read */
function readChoice(completion: Completion, choice: JsonObject, number: number): void {
  const { answer } = completion;
  const { delta, message, text } = choice;
  const before = answer.facts.length;
  answer.search?.read(choice);
  if (isObject(delta)) readSaid(completion, delta, number);
  if (isObject(message)) readMessage(completion, message, choice, number);
  // A server of OpenAI's older completions.
  if (!delta && !message && typeof text === "string") readSaid(completion, { content: text }, number);
  const hasSaid = answer.facts.length > before;
  if (hasSaid && completion.finish) disproveFinish(completion, completion.finish);
  if (number === 0 || hasSaid || choice.index === 0)
    addFinish(completion, readWord(choice.finish_reason), choice);
}

function readSaid(completion: Completion, said: JsonObject, number: number): void {
  const { answer } = completion;
  answer.search?.read(said);
  if (number > 0 && answer.hasText && completion.speaker !== number) return readCalls(answer, said, number);
  readDelta(answer, said, number);
  if (number > 0 && answer.hasText) completion.speaker = number;
  if (said.refusal && asString(said.refusal) !== "") addFinish(completion, "refusal", {});
}

function readMessage(completion: Completion, message: JsonObject, choice: JsonObject, number: number): void {
  const { answer } = completion;
  const isFirst = answer.last === "nothing";
  if (number > 0)
    return isFirst || !answer.hasText
      ? readSaid(completion, message, number)
      : readCalls(answer, message, number, true);
  if (isFirst) completion.messages ??= createRepeatFilter();
  const isLast = readWord(choice.finish_reason) !== "";
  const unsaid = completion.messages?.push(message, isLast);
  if (isFirst) return readSaid(completion, unsaid ?? message, number);
  const { content, refusal, tool_calls, function_call, ...thinking } = unsaid ?? message;
  answer.search?.read(message);
  // The deltas have said it.
  const isSaid = !unsaid;
  if (!(isSaid && answer.hasThinking)) readDelta(answer, thinking);
  if (!(isSaid && answer.hasText)) readSaid(completion, { content, refusal }, number);
  readCalls(answer, { tool_calls, function_call }, number, true);
}

/** More of the answer came after its finish reason. */
function disproveFinish(completion: Completion, { reason, word }: Finish): void {
  completion.disproved = word;
  completion.isFinished = false;
  if (reason === "unknown") completion.finish = undefined;
}

function addFinish(completion: Completion, word: string, choice: JsonObject): void {
  if (word === "") return;
  const finish = readFinish(word, choice, completion.plan.request.stop_sequences ?? []);
  if (!finish) return;
  const isDisproved = word === completion.disproved;
  if (isDisproved && finish.reason === "unknown") return;
  completion.finish = chooseFinish(completion.finish, finish);
  completion.isFinished = finish.reason !== "unknown" && !isDisproved;
}

/** Counts of zero, before or after the real ones, mean nothing. */
function addUsage(completion: Completion, usage: Usage, isAlone: boolean): void {
  const { search, facts } = completion.answer;
  search?.counted(usage.webSearches);
  if (usage.inputTokens + usage.cacheReadTokens + usage.outputTokens === 0) return;
  completion.usage = usage;
  completion.endsInUsage = isAlone && usage.outputTokens > 0;
  facts.push({ type: "usage", usage });
}

/** No chunk will come any more: the answer is finished, or has failed. */
export function endCompletion(completion: Completion): void {
  const { answer } = completion;
  endText(answer);
  // To explain is to build an error, and a finished answer needs none.
  const needsNone = completion.finish && !isCut(completion, completion.finish);
  const explanation = needsNone ? undefined : findExplanation(completion);
  const finish = completion.finish ?? (isWhole(completion, explanation) ? natural : undefined);
  if (!finish || isCut(completion, finish)) return failCompletion(completion, explanation ?? unfinished());
  const { reason, word, stopSequence } = finish;
  if (reason === "failure") return failCompletion(completion, gaveUp(word));
  endAnswer(answer);
  answer.facts.push({ type: "finish", reason: chooseReason(completion, reason), stopSequence });
  completion.isOver = true;
}

/** An unknown word, and the end of the body behind it, do not make half a call whole. */
function isCut({ answer, isDone }: Completion, finish: Finish): boolean {
  return finish.reason === "unknown" && !isDone && answer.calls.isCut;
}

/** What the last strange chunk says about an answer that did not come. */
function findExplanation({ plan, strange }: Completion): ProxyError | undefined {
  const reported = strange === undefined ? undefined : readErrorFrame(strange, plan);
  return reported?.fault.text ? reported : undefined;
}

const natural: Finish = { reason: "stop", word: "" };

/**
 * Whether an answer without a finish reason is whole: the server says so with `[DONE]`, or with the usage that comes
 * after the last token.
 */
function isWhole({ answer, isDone, endsInUsage }: Completion, explanation: ProxyError | undefined): boolean {
  if (isDone) return !(explanation && answer.last === "nothing");
  return endsInUsage && answer.last !== "nothing" && !answer.calls.isCut;
}

function chooseReason(completion: Completion, reason: Exclude<Finish["reason"], "failure">): FinishReason {
  if (reason === "unknown") return "stop";
  return reason === "max-tokens" && fillsWindow(completion.plan, completion.usage)
    ? "context-window"
    : reason;
}

/** The answer fails, after the facts that have been read. */
export function failCompletion(completion: Completion, error: ProxyError): void {
  completion.answer.facts.push({ type: "failure", error });
  completion.isOver = true;
}

function unfinished(): ProxyError {
  return new ProxyError("upstream", "The backend ended its stream before the answer was finished");
}

function gaveUp(word: string): ProxyError {
  const kind = word === "insufficient_system_resource" ? "overloaded" : "upstream";
  return new ProxyError(kind, `The backend gave up with finish reason "${word}"`);
}
