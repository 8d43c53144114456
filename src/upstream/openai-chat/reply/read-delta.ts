/** What a delta adds to the answer: reasoning, text and tool calls, wherever a server puts them. */
import { asString, isObject, type JsonObject } from "../../../lib/json.ts";
import type { Plan } from "../../../plan/plan.ts";
import type { ReplyEvent } from "../../../reply.ts";
import type { WrittenRequest } from "../../protocol.ts";
import {
  createThinkTagSplitter,
  type Piece,
  type ThinkTagSplitter,
} from "../../reasoning/split-think-tags.ts";
import { createReasoningReader, type ReasoningReader } from "./read-reasoning.ts";
import { createSearchReader, type SearchReader } from "./read-search.ts";
import { createToolCallReader, type ToolCallReader } from "./read-tool-calls.ts";

/** The answer so far. */
export type PartialAnswer = {
  readonly reasoning: ReasoningReader;
  readonly search: SearchReader | undefined;
  readonly calls: ToolCallReader;
  readonly splitter: ThinkTagSplitter | undefined;
  /** The part of the prefill that the backend has yet to repeat. */
  prefill: string;
  /** What the last fact was about. */
  last: "nothing" | "thinking" | "text" | "tool";
  /** Facts that were read, and not collected yet. */
  facts: ReplyEvent[];
};

export function beginAnswer(plan: Plan, written: WrittenRequest): PartialAnswer {
  const { reasoning, messages } = plan.quirks;
  return {
    reasoning: createReasoningReader(plan),
    search: createSearchReader(plan),
    calls: createToolCallReader(written.clientToolName),
    splitter: reasoning.thinkTags ? createThinkTagSplitter() : undefined,
    prefill: messages.repeatsPrefill ? written.prefill : "",
    last: "nothing",
    facts: [],
  };
}

/** @param delta a delta, or a whole message */
export function readDelta(answer: PartialAnswer, delta: JsonObject): void {
  addThinking(answer, answer.reasoning.read(delta));
  readContent(answer, delta.content);
  addText(answer, asString(delta.refusal));
  if (Array.isArray(delta.tool_calls)) for (const call of delta.tool_calls) addToolCall(answer, call);
  if (isObject(delta.function_call)) addToolCall(answer, { index: 0, function: delta.function_call });
}

/** Adds text that was held back because it could be a partial tag. */
export function endText(answer: PartialAnswer): void {
  if (answer.splitter) addPieces(answer, answer.splitter.end());
}

/** Closes what is open. */
export function endAnswer({ reasoning, search, calls, facts }: PartialAnswer): void {
  facts.push(...reasoning.close(), ...(search?.end() ?? []), ...calls.end());
}

function readContent(answer: PartialAnswer, content: unknown): void {
  if (typeof content === "string") addContent(answer, content);
  if (!Array.isArray(content)) return;
  for (const part of content.filter(isObject)) {
    if (part.type === "thinking") addThinking(answer, readPart(part.thinking));
    else addContent(answer, readPart(part.text));
  }
}

/** Text of a content part: a string, or a list of text parts (Mistral). */
function readPart(value: unknown): string {
  if (!Array.isArray(value)) return asString(value);
  return value.map((part) => (isObject(part) ? asString(part.text) : asString(part))).join("");
}

function addContent(answer: PartialAnswer, content: string): void {
  const text = answer.prefill === "" ? content : withoutPrefill(answer, content);
  if (!answer.splitter) addText(answer, text);
  else if (text !== "") addPieces(answer, answer.splitter.push(text));
}

function addPieces(answer: PartialAnswer, pieces: readonly Piece[]): void {
  for (const { kind, text } of pieces) {
    if (kind === "thinking") addThinking(answer, text);
    else addText(answer, text);
  }
}

function addThinking(answer: PartialAnswer, text: string): void {
  if (text === "") return;
  answer.last = "thinking";
  answer.reasoning.noteText(text);
  answer.facts.push({ type: "thinking-delta", text });
}

function addText(answer: PartialAnswer, text: string): void {
  if (text === "") return;
  const { facts, reasoning, search } = answer;
  // State that arrives in the middle of a text waits for the end of the text.
  if (answer.last !== "text") facts.push(...reasoning.close(), ...(search?.begin() ?? []));
  answer.last = "text";
  search?.said(text);
  facts.push({ type: "text-delta", text });
}

function addToolCall(answer: PartialAnswer, call: unknown): void {
  endText(answer);
  const { facts, reasoning, calls } = answer;
  answer.last = "tool";
  facts.push(...reasoning.close());
  if (isObject(call)) facts.push(...reasoning.readCall(call));
  facts.push(...calls.push(call));
}

/** llama.cpp repeats a prefill at the start of its answer; Anthropic does not. */
function withoutPrefill(answer: PartialAnswer, text: string): string {
  const { prefill } = answer;
  if (text === "") return text;
  if (prefill.startsWith(text)) {
    answer.prefill = prefill.slice(text.length);
    return "";
  }
  answer.prefill = "";
  return text.startsWith(prefill) ? text.slice(prefill.length) : text;
}
