/**
 * Room `upstream/openai-responses/reply/`: events and whole responses, read as facts. Not here: content blocks, and
 * trust in what a server sends.
 *
 * Reads a streamed response. Every event is `unknown` until checked.
 */
import { ProxyError, toProxyError } from "../../../errors.ts";
import type { SseFrame } from "../../../lib/decode-sse.ts";
import { asObject, asString, isObject, type JsonObject, listOf, parseJson } from "../../../lib/json.ts";
import type { Plan } from "../../../plan/plan.ts";
import type { FinishReason, ReplyEvent, Usage } from "../../../reply.ts";
import { fillsWindow } from "../../answer/fills-window.ts";
import { readUsage } from "../../answer/read-usage.ts";
import type { Reader, WrittenRequest } from "../../protocol.ts";
import { readErrorFrame } from "../../refusal/read-error.ts";
import { writeArguments } from "./output-item.ts";
import {
  addMessageText,
  addPiece,
  addThinking,
  addWholeArguments,
  addWholeText,
  addWholeThinking,
  announceItem,
  beginResponse,
  endItem,
  endResponse,
  findItem,
  type PartialResponse,
} from "./read-items.ts";

type Stream = {
  readonly plan: Plan;
  readonly answer: PartialResponse;
  /** The last thing that was no event of a response: it explains an answer that never comes. */
  strange: unknown;
  isDone: boolean;
  /** `failure` or `finish` was emitted. */
  isOver: boolean;
};

export function createEventReader(plan: Plan, written: WrittenRequest): Reader {
  const answer = beginResponse(plan, written);
  const stream: Stream = { plan, answer, strange: undefined, isDone: false, isOver: false };
  return {
    push(frame) {
      try {
        if (!stream.isOver && !stream.isDone) readFrame(stream, frame);
      } catch (thrown) {
        // After the facts that the frame has already given.
        fail(stream, toProxyError(thrown));
      }
      return takeFacts(answer);
    },
    // Every event has a number of its own, so none is like the one before.
    lift: (_, from) => from,
    take: () => takeFacts(answer),
    end() {
      if (!stream.isOver) endStream(stream);
      return takeFacts(answer);
    },
    get state() {
      return stream.isOver || stream.isDone ? "done" : "reading";
    },
  };
}

function readFrame(stream: Stream, frame: SseFrame): void {
  const data = frame.data.trim();
  if (data === "") return;
  // Some gateways end every stream as chat completions end.
  if (data === "[DONE]") {
    stream.isDone = true;
    return;
  }
  const event = parseJson(data);
  if (isObject(event)) readEvent(stream, asString(event.type) || frame.event, event);
  // An HTML page instead of events is a failure; other noise between events is not.
  else if (data.startsWith("<")) fail(stream, readErrorFrame(data, stream.plan));
  else stream.strange = data;
}

function readEvent(stream: Stream, type: string, event: JsonObject): void {
  const { answer } = stream;
  const item = asObject(event.item);
  const place = { index: event.output_index, id: asString(event.item_id) || asString(item?.id) };
  const found = (of: string) => findItem(answer, place, of);
  const { content_index, summary_index } = event;
  const delta = asString(event.delta);
  switch (type) {
    case "response.output_text.delta":
      return addMessageText(answer, found("message"), delta, content_index);
    case "response.output_text.done":
      return addWholeText(answer, found("message"), asString(event.text), content_index);
    case "response.refusal.delta":
      answer.hasRefused = true;
      return addMessageText(answer, found("message"), delta, content_index);
    case "response.refusal.done":
      answer.hasRefused = true;
      return addWholeText(answer, found("message"), asString(event.refusal), content_index);
    case "response.function_call_arguments.delta":
      return addPiece(answer, found("function_call"), writeArguments(event.delta));
    case "response.function_call_arguments.done":
      return addWholeArguments(answer, found("function_call"), event);
    case "response.reasoning_summary_text.delta":
      return addThinking(answer, found("reasoning"), "summary", delta, summary_index);
    case "response.reasoning_summary_text.done":
      return addWholeThinking(answer, found("reasoning"), "summary", asString(event.text), summary_index);
    case "response.reasoning_text.delta":
    // A name in the first types of `openai`, which some servers keep
    case "response.reasoning.delta":
      return addThinking(answer, found("reasoning"), "content", delta, content_index);
    case "response.reasoning_text.done":
    case "response.reasoning.done":
      return addWholeThinking(answer, found("reasoning"), "content", asString(event.text), content_index);
    case "response.output_item.added":
      if (item) announceItem(answer, place, item);
      return;
    case "response.output_item.done":
      if (item) endItem(answer, found(asString(item.type)), item);
      return;
    case "response.output_text.annotation.added":
      answer.search?.read({ annotations: [event.annotation] });
      return;
    case "response.completed":
    case "response.incomplete":
    case "response.done":
      return endWith(stream, asObject(event.response) ?? {}, type);
    case "response.failed":
    case "response.cancelled":
      return fail(stream, readErrorFrame(findFailure(event.response, type), stream.plan));
    case "error":
      return fail(stream, readErrorFrame(event, stream.plan));
    default:
      if (isObject(event.error)) fail(stream, readErrorFrame(event, stream.plan));
      else if (Array.isArray(event.choices)) fail(stream, otherProtocol(stream.plan));
      else if (!type.startsWith("response.")) stream.strange = event;
  }
}

/** A server that answers every path in one way. */
function otherProtocol(plan: Plan): ProxyError {
  const message = "The backend answers in the format of /chat/completions; set BACKEND_PROTOCOL=chat";
  return readErrorFrame({ error: { message, code: "unsupported_api_for_model" } }, plan);
}

function findFailure(response: unknown, type: string): unknown {
  return findReported(response) ?? { message: `The backend ended its answer with ${type}` };
}

function failureOf(response: JsonObject, plan: Plan): ProxyError {
  return readErrorFrame(findFailure(response, `response.${asString(response.status)}`), plan);
}

/** The error that a response contains. */
function findReported(response: unknown): { readonly error: unknown } | undefined {
  const error = asObject(response)?.error;
  return isObject(error) || asString(error) !== "" ? { error } : undefined;
}

/** Reads a whole response, the last event of a stream or an answer in one piece. */
export function readWholeResponse(response: JsonObject, plan: Plan, written: WrittenRequest): ReplyEvent[] {
  const answer = beginResponse(plan, written);
  const stream: Stream = { plan, answer, strange: undefined, isDone: false, isOver: false };
  try {
    const reported = findReported(response);
    const hasBegunOnly = ["queued", "in_progress"].includes(asString(response.status));
    if (reported) fail(stream, readErrorFrame(reported, plan));
    else if (Array.isArray(response.choices)) fail(stream, otherProtocol(plan));
    else if (!Array.isArray(response.output)) fail(stream, readErrorFrame(response, plan));
    else if (hasBegunOnly && response.output.length === 0) fail(stream, failureOf(response, plan));
    else endWith(stream, response, `response.${asString(response.status)}`);
  } catch (thrown) {
    fail(stream, toProxyError(thrown));
  }
  return takeFacts(answer);
}

function endWith(stream: Stream, response: JsonObject, type: string): void {
  const { answer, plan } = stream;
  const isFailed = ["failed", "cancelled"].includes(asString(response.status));
  if (isFailed || findReported(response)) return fail(stream, failureOf(response, plan));
  endResponse(answer, listOf(response.output));
  const usage = isObject(response.usage)
    ? withSearches(readUsage(response.usage, "included"), answer)
    : undefined;
  if (usage) answer.facts.push({ type: "usage", usage });
  const isIncomplete = type === "response.incomplete" || response.status === "incomplete";
  const why = isIncomplete ? asString(asObject(response.incomplete_details)?.reason) : "";
  answer.facts.push({ type: "finish", reason: chooseReason(stream, isIncomplete, why, usage) });
  stream.isOver = true;
}

/** Servers do not count their searches; each is an item. */
function withSearches(usage: Usage, { searches }: PartialResponse): Usage {
  return searches > 0 ? { webSearches: searches, ...usage } : usage;
}

function chooseReason(
  { answer, plan }: Stream,
  isIncomplete: boolean,
  why: string,
  usage: Usage | undefined,
): FinishReason {
  if (answer.hasRefused || why === "content_filter") return "refusal";
  // A limit on messages or tool calls was reached, or the model was steered: the answer ends here.
  const isEnd = !isIncomplete || why === "max_messages" || why === "max_tool_calls" || why === "steered";
  if (isEnd) return "stop";
  return fillsWindow(plan, usage) ? "context-window" : "max-tokens";
}

/** No event has said that the answer is complete. */
function endStream(stream: Stream): void {
  const { answer, plan, strange, isDone } = stream;
  const isWhole = isDone && answer.items.length > 0 && answer.items.every(({ hasEnded }) => hasEnded);
  if (isWhole) return endWith(stream, {}, "response.completed");
  const reported = strange === undefined ? undefined : readErrorFrame(strange, plan);
  fail(stream, reported?.fault.text ? reported : unfinished());
}

function unfinished(): ProxyError {
  return new ProxyError("upstream", "The backend ended its stream before the answer was finished");
}

function fail(stream: Stream, error: ProxyError): void {
  stream.answer.facts.push({ type: "failure", error });
  stream.isOver = true;
}

function takeFacts(answer: PartialResponse): ReplyEvent[] {
  const taken = answer.facts;
  answer.facts = [];
  return taken;
}
