/**
 * Room `upstream/openai-chat/reply/`: chunks and messages, read as facts. Not here: content blocks, and trust in what
 * a server sends.
 *
 * Reads a streamed chat completion. Every chunk is `unknown` until checked: whatever a server adds, leaves out or
 * misplaces must not stop the answer.
 */
import { ProxyError } from "../../../errors.ts";
import type { SseFrame } from "../../../lib/decode-sse.ts";
import { asObject, asString, isObject, type JsonObject, parseJson } from "../../../lib/json.ts";
import type { Plan } from "../../../plan/plan.ts";
import type { FinishReason, ReplyEvent, Usage } from "../../../reply.ts";
import type { Reader, WrittenRequest } from "../../protocol.ts";
import { createThinkTagSplitter, type Piece } from "../../reasoning/split-think-tags.ts";
import { findError, readErrorFrame } from "../../refusal/read-error.ts";
import { createReasoningReader } from "./read-reasoning.ts";
import { createSearchReader } from "./read-search.ts";
import { createToolCallReader } from "./read-tool-calls.ts";
import { readTimings, readUsage } from "./read-usage.ts";

export function createReader(plan: Plan, written: WrittenRequest): Reader {
  const { quirks } = plan;
  const tools = createToolCallReader(written.clientToolName);
  const splitter = quirks.reasoning.thinkTags ? createThinkTagSplitter() : undefined;
  let prefill = quirks.messages.repeatsPrefill ? written.prefill : "";
  const reasoning = createReasoningReader(plan);
  const search = createSearchReader(plan);
  let last: "nothing" | "thinking" | "text" | "tool" = "nothing";
  let finish:
    | { rank: number; reason: FinishReason | "failure"; word: string; stopSequence?: string }
    | undefined;
  let choiceIndex: unknown;
  /** The last text that was not part of an answer: it explains an answer that never comes. */
  let strange: unknown;
  let isDone = false;
  let ended = false;
  let events: ReplyEvent[] = [];

  function failWith(error: ProxyError): void {
    events.push({ type: "failure", error });
    ended = true;
  }

  function readFrame(frame: SseFrame): void {
    const data = frame.data.trim();
    if (data === "" || isDone) return;
    if (data === "[DONE]") {
      isDone = true;
      return;
    }
    const chunk = parseJson(data);
    const error = frame.event === "error" ? (findError(chunk) ?? chunk ?? data) : findError(chunk);
    if (error !== undefined) return failWith(readErrorFrame(error, plan));
    if (isObject(chunk)) readChunk(chunk);
    // An HTML page instead of events is a failure; other noise between events is not.
    else if (data.startsWith("<")) failWith(readErrorFrame(data, plan));
    else strange = data;
  }

  function readChunk(chunk: JsonObject): void {
    search?.read(chunk);
    const choice = Array.isArray(chunk.choices) ? ourChoice(chunk.choices.filter(isObject)) : undefined;
    reasoning.readModel(chunk.model);
    strange = choice ? undefined : chunk;
    if (choice) readChoice(choice);
    const usage = asObject(chunk.usage) ?? asObject(choice?.usage) ?? asObject(asObject(chunk.x_groq)?.usage);
    if (usage) emitUsage(readUsage(usage, quirks.usage.reasoning));
    else if (isObject(chunk.timings)) emitUsage(readTimings(chunk.timings));
  }

  /** Counts of zero, before or after the real ones, mean nothing. */
  function emitUsage(usage: Usage): void {
    search?.counted(usage.webSearches);
    if (usage.inputTokens + usage.cacheReadTokens + usage.outputTokens > 0)
      events.push({ type: "usage", usage });
  }

  /** We asked for choice 0. If a server counts differently, the first choice it sends is used. */
  function ourChoice(choices: readonly JsonObject[]): JsonObject | undefined {
    const [first] = choices;
    if (first && choiceIndex === undefined) {
      choiceIndex = choices.some((choice) => (choice.index ?? 0) === 0) ? 0 : first.index;
    }
    return choices.find((choice) => (choice.index ?? choiceIndex) === choiceIndex);
  }

  function readChoice(choice: JsonObject): void {
    const delta = asObject(choice.delta);
    const message = asObject(choice.message);
    const said = delta ?? message;
    if (search) for (const holder of [choice, said]) if (holder) search.read(holder);
    // Some servers repeat the whole message in the last chunk, after all its deltas.
    if (said && !(said === message && last !== "nothing")) readDelta(said);
    if (typeof choice.finish_reason === "string" && choice.finish_reason !== "") {
      noteFinish(choice.finish_reason, choice);
    }
  }

  function readDelta(delta: JsonObject): void {
    addThinking(reasoning.read(delta));
    readContent(delta.content);
    if (typeof delta.refusal === "string" && delta.refusal !== "") {
      addText(delta.refusal);
      noteFinish("refusal", {});
    }
    const calls = Array.isArray(delta.tool_calls) ? delta.tool_calls : [];
    for (const call of calls) addToolCall(call);
    if (isObject(delta.function_call)) addToolCall({ index: 0, function: delta.function_call });
  }

  function readContent(content: unknown): void {
    if (typeof content === "string") addContent(content);
    if (!Array.isArray(content)) return;
    for (const part of content.filter(isObject)) {
      if (part.type === "thinking") addThinking(partText(part.thinking));
      else addContent(partText(part.text));
    }
  }

  function addThinking(text: string): void {
    if (text === "") return;
    last = "thinking";
    reasoning.noteText(text);
    events.push({ type: "thinking-delta", text });
  }

  function addContent(content: string): void {
    const text = withoutPrefill(content);
    if (!splitter) return addText(text);
    if (text !== "") addPieces(splitter.push(text));
  }

  function addPieces(pieces: Piece[]): void {
    for (const piece of pieces) {
      if (piece.kind === "thinking") addThinking(piece.text);
      else addText(piece.text);
    }
  }

  function addText(text: string): void {
    if (text === "") return;
    // State that arrives in the middle of a text waits for the end of the text.
    if (last !== "text") events.push(...reasoning.close(), ...(search?.begin() ?? []));
    last = "text";
    search?.said(text);
    events.push({ type: "text-delta", text });
  }

  function addToolCall(call: unknown): void {
    if (splitter) addPieces(splitter.end());
    last = "tool";
    events.push(...reasoning.close());
    if (isObject(call)) events.push(...reasoning.readCall(call));
    events.push(...tools.push(call));
  }

  /** llama.cpp repeats a prefill at the start of its answer; Anthropic does not. */
  function withoutPrefill(text: string): string {
    if (prefill === "" || text === "") return text;
    if (text.startsWith(prefill)) {
      const rest = text.slice(prefill.length);
      prefill = "";
      return rest;
    }
    if (prefill.startsWith(text)) {
      prefill = prefill.slice(text.length);
      return "";
    }
    prefill = "";
    return text;
  }

  /** Servers may send several finish reasons: the most severe counts, and of equals the last. */
  function noteFinish(word: string, choice: JsonObject): void {
    const reason = finishReason(word);
    const rank = severity.indexOf(reason);
    if (finish && finish.rank > rank) return;
    const stopSequence = reason === "stop" ? matchedStop(choice, plan) : undefined;
    if (stopSequence === undefined) finish = { rank, reason, word };
    else finish = { rank, reason: "stop-sequence", word, stopSequence };
  }

  function endReply(): void {
    ended = true;
    if (splitter) addPieces(splitter.end());
    const reported = strange === undefined ? undefined : readErrorFrame(strange, plan);
    const explanation = reported?.fault.text ? reported : undefined;
    // `[DONE]` also counts as a finish: the server says that the answer is complete.
    const isSaid = isDone && !(explanation && last === "nothing");
    const end = finish ?? (isSaid ? { reason: "stop" as const, word: "" } : undefined);
    if (!end) return failWith(explanation ?? unfinished());
    if (end.reason === "failure") {
      const kind = end.word === "insufficient_system_resource" ? "overloaded" : "upstream";
      return failWith(new ProxyError(kind, `The backend gave up with finish reason "${end.word}"`));
    }
    events.push(...reasoning.close(), ...(search?.end() ?? []), ...tools.end(), {
      type: "finish",
      reason: end.reason,
      stopSequence: finish?.stopSequence,
    });
  }

  function take(): ReplyEvent[] {
    const taken = events;
    events = [];
    return taken;
  }

  return {
    push(frame) {
      if (!ended) readFrame(frame);
      return take();
    },
    end() {
      if (!ended) endReply();
      return take();
    },
    get state() {
      if (ended || isDone) return "done";
      return finish ? "finished" : "reading";
    },
  };
}

function unfinished(): ProxyError {
  const message = "The backend ended its stream before the answer was finished";
  return new ProxyError("upstream", message);
}

const severity: readonly (FinishReason | "failure")[] = [
  "stop",
  "stop-sequence",
  "max-tokens",
  "context-window",
  "refusal",
  "failure",
];

const finishWords: Readonly<Record<string, FinishReason | "failure">> = {
  length: "max-tokens",
  max_tokens: "max-tokens",
  max_output_tokens: "max-tokens",
  // Mistral, Z.ai
  model_length: "context-window",
  model_context_window_exceeded: "context-window",
  content_filter: "refusal",
  refusal: "refusal",
  // Z.ai; Gemini behind gateways
  sensitive: "refusal",
  safety: "refusal",
  recitation: "refusal",
  prohibited_content: "refusal",
  error: "failure",
  // Z.ai, DeepSeek, Gemini
  network_error: "failure",
  insufficient_system_resource: "failure",
  malformed_function_call: "failure",
};

function finishReason(word: string): FinishReason | "failure" {
  const known = word.toLowerCase();
  return Object.hasOwn(finishWords, known) ? (finishWords[known] ?? "stop") : "stop";
}

/** The stop sequence that was hit, if a server names it: vLLM puts it into `stop_reason`. */
function matchedStop(choice: JsonObject, plan: Plan): string | undefined {
  const wanted = plan.request.stop_sequences ?? [];
  if (typeof choice.stop_reason === "string" && wanted.includes(choice.stop_reason))
    return choice.stop_reason;
  return choice.native_finish_reason === "stop_sequence" && wanted.length === 1 ? wanted[0] : undefined;
}

/** Text of a content part: a string, or a list of text parts (Mistral). */
function partText(value: unknown): string {
  if (!Array.isArray(value)) return asString(value);
  return value.map((part) => (isObject(part) ? asString(part.text) : asString(part))).join("");
}
