/**
 * Room `upstream/openai-chat/reply/`: chunks and messages, read as facts. Not here: content blocks, and trust in what
 * a server sends.
 *
 * Reads a streamed chat completion. Every chunk is `unknown` until checked: whatever a server adds, leaves out or
 * misplaces must not stop the answer.
 */
import { ProxyError, toProxyError } from "../../../errors.ts";
import type { SseFrame } from "../../../lib/decode-sse.ts";
import { asObject, asString, isObject, type JsonObject, parseJson } from "../../../lib/json.ts";
import type { Plan } from "../../../plan/plan.ts";
import type { ReplyEvent, Usage } from "../../../reply.ts";
import type { Reader, WrittenRequest } from "../../protocol.ts";
import { readErrorFrame } from "../../refusal/read-error.ts";
import { findError } from "./find-error.ts";
import { beginAnswer, endAnswer, endText, type PartialAnswer, readDelta } from "./read-delta.ts";
import { chooseFinish, type Finish, readFinish } from "./read-finish.ts";
import { readTimings, readUsage } from "./read-usage.ts";

type Stream = {
  readonly plan: Plan;
  readonly answer: PartialAnswer;
  /** The `index` of the choice that is read; undefined until a choice has come. */
  choiceIndex: unknown;
  finish: Finish | undefined;
  /** The last text or chunk that was not part of an answer: it explains an answer that never comes. */
  strange: unknown;
  /** `[DONE]` has come. */
  isDone: boolean;
  /** `failure` or `finish` was emitted. */
  isOver: boolean;
};

export function createReader(plan: Plan, written: WrittenRequest): Reader {
  const stream: Stream = {
    plan,
    answer: beginAnswer(plan, written),
    choiceIndex: undefined,
    finish: undefined,
    strange: undefined,
    isDone: false,
    isOver: false,
  };
  return {
    push(frame) {
      try {
        if (!stream.isOver && !stream.isDone) readFrame(stream, frame);
      } catch (thrown) {
        // After the facts that the frame has already given.
        fail(stream, toProxyError(thrown));
      }
      return takeFacts(stream.answer);
    },
    end() {
      if (!stream.isOver) endStream(stream);
      return takeFacts(stream.answer);
    },
    get state() {
      if (stream.isOver || stream.isDone) return "done";
      return stream.finish ? "finished" : "reading";
    },
  };
}

function readFrame(stream: Stream, frame: SseFrame): void {
  const { plan } = stream;
  const data = frame.data.trim();
  if (data === "") return;
  if (data === "[DONE]") {
    stream.isDone = true;
    return;
  }
  const chunk = parseJson(data);
  const error = frame.event === "error" ? (findError(chunk) ?? chunk ?? data) : findError(chunk);
  if (error !== undefined) return fail(stream, readErrorFrame(error, plan));
  if (isObject(chunk)) readChunk(stream, chunk);
  // An HTML page instead of events is a failure; other noise between events is not.
  else if (data.startsWith("<")) fail(stream, readErrorFrame(data, plan));
  else stream.strange = data;
}

function readChunk(stream: Stream, chunk: JsonObject): void {
  const { answer, plan } = stream;
  answer.search?.read(chunk);
  answer.reasoning.readModel(chunk.model);
  const choice = Array.isArray(chunk.choices) ? findChoice(stream, chunk.choices) : undefined;
  stream.strange = choice ? undefined : chunk;
  if (choice) readChoice(stream, choice);
  const usage = asObject(chunk.usage) ?? asObject(choice?.usage) ?? asObject(asObject(chunk.x_groq)?.usage);
  if (usage) addUsage(answer, readUsage(usage, plan.quirks.usage.reasoning));
  else if (isObject(chunk.timings)) addUsage(answer, readTimings(chunk.timings));
}

/** We asked for choice 0. If a server counts differently, the first choice it sends is used. */
function findChoice(stream: Stream, choices: readonly unknown[]): JsonObject | undefined {
  if (stream.choiceIndex === undefined) {
    const all = choices.filter(isObject);
    stream.choiceIndex = all.some(({ index }) => (index ?? 0) === 0) ? 0 : all[0]?.index;
  }
  const { choiceIndex } = stream;
  for (const choice of choices) {
    if (isObject(choice) && (choice.index ?? choiceIndex) === choiceIndex) return choice;
  }
  return undefined;
}

function readChoice(stream: Stream, choice: JsonObject): void {
  const { answer } = stream;
  const message = asObject(choice.message);
  const said = asObject(choice.delta) ?? message;
  answer.search?.read(choice);
  if (said) answer.search?.read(said);
  // Some servers repeat the whole message in the last chunk, after all its deltas.
  if (said && !(said === message && answer.last !== "nothing")) {
    readDelta(answer, said);
    if (asString(said.refusal) !== "") addFinish(stream, "refusal", {});
  }
  addFinish(stream, asString(choice.finish_reason), choice);
}

function addFinish(stream: Stream, word: string, choice: JsonObject): void {
  if (word === "") return;
  const finish = readFinish(word, choice, stream.plan.request.stop_sequences ?? []);
  stream.finish = chooseFinish(stream.finish, finish);
}

/** Counts of zero, before or after the real ones, mean nothing. */
function addUsage({ search, facts }: PartialAnswer, usage: Usage): void {
  search?.counted(usage.webSearches);
  if (usage.inputTokens + usage.cacheReadTokens + usage.outputTokens > 0)
    facts.push({ type: "usage", usage });
}

function endStream(stream: Stream): void {
  const { plan, answer, strange, isDone } = stream;
  endText(answer);
  const reported = strange === undefined ? undefined : readErrorFrame(strange, plan);
  const explanation = reported?.fault.text ? reported : undefined;
  // `[DONE]` also counts as a finish: the server says that the answer is complete.
  const isWhole = isDone && !(explanation && answer.last === "nothing");
  const finish = stream.finish ?? (isWhole ? { reason: "stop" as const, word: "" } : undefined);
  if (!finish) return fail(stream, explanation ?? unfinished());
  const { reason, word, stopSequence } = finish;
  if (reason === "failure") return fail(stream, gaveUp(word));
  endAnswer(answer);
  answer.facts.push({ type: "finish", reason, stopSequence });
  stream.isOver = true;
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

function takeFacts(answer: PartialAnswer): ReplyEvent[] {
  const taken = answer.facts;
  answer.facts = [];
  return taken;
}
