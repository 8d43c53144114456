/** What a delta adds to the answer: reasoning, text and tool calls, wherever a server puts them. */
import { asString, isObject, type JsonObject, listOf } from "../../../lib/json.ts";
import type { Plan } from "../../../plan/plan.ts";
import type { ReplyEvent } from "../../../reply.ts";
import { createSearchReader, type SearchReader } from "../../answer/read-search.ts";
import type { WrittenRequest } from "../../protocol.ts";
import { type Piece, ThinkTagSplitter } from "../../reasoning/split-think-tags.ts";
import { ReasoningReader, readText } from "./read-reasoning.ts";
import { ToolCallReader } from "./read-tool-calls.ts";

/** The answer so far. */
export type PartialAnswer = {
  readonly reasoning: ReasoningReader;
  readonly search: SearchReader | undefined;
  readonly calls: ToolCallReader;
  readonly splitter: ThinkTagSplitter | undefined;
  /** The part of the prefill that the backend has yet to repeat. */
  prefill: string;
  /** White space that was held back: reasoning after text, or text after reasoning. */
  blank: string;
  hasText: boolean;
  hasThinking: boolean;
  /** What the last fact was about. */
  last: "nothing" | "thinking" | "text" | "tool";
  /** The last delta had part of a call, and nothing is held back. */
  isInCall: boolean;
  /** Facts that were read, and not collected yet. */
  facts: ReplyEvent[];
};

export function beginAnswer(plan: Plan, written: WrittenRequest): PartialAnswer {
  const { reasoning, messages } = plan.quirks;
  return {
    reasoning: new ReasoningReader(plan),
    search: createSearchReader(plan),
    calls: new ToolCallReader(written.clientToolName),
    splitter: reasoning.thinkTags ? new ThinkTagSplitter() : undefined,
    prefill: messages.repeatsPrefill ? written.prefill : "",
    blank: "",
    hasText: false,
    hasThinking: false,
    last: "nothing",
    isInCall: false,
    facts: [],
  };
}

/**
 * @param delta a delta, or a whole message
 * @param choice the choice that it came in
 */
export function readDelta(answer: PartialAnswer, delta: JsonObject, choice = 0): void {
  answer.isInCall = false;
  addThinking(answer, answer.reasoning.read(delta));
  const { content, refusal } = delta;
  if (typeof content === "string") addContent(answer, content);
  else if (content) readParts(answer, content);
  if (refusal) addText(answer, asString(refusal));
  if (delta.tool_calls || delta.tool_call || delta.function_call) readCalls(answer, delta, choice);
}

/**
 * Only the calls of a delta or a message.
 * @param choice the choice that they came in
 * @param isRepeated they may repeat what was said before
 */
export function readCalls(
  answer: PartialAnswer,
  { tool_calls, tool_call, function_call }: JsonObject,
  choice = 0,
  isRepeated = false,
): void {
  for (const call of listOf(tool_calls ?? tool_call)) addToolCall(answer, call, choice, isRepeated);
  if (isObject(function_call)) addToolCall(answer, { index: 0, function: function_call }, choice, isRepeated);
}

/** Adds text that was held back because it could be a partial tag. */
export function endText(answer: PartialAnswer): void {
  if (answer.splitter) addPieces(answer, answer.splitter.end());
}

/** Closes what is open. */
export function endAnswer({ reasoning, search, calls, facts }: PartialAnswer): void {
  add(facts, reasoning.close());
  if (search) add(facts, search.end());
  add(facts, calls.end());
}

/** Content parts, or one of them: text, reasoning or a call, by their type. */
function readParts(answer: PartialAnswer, content: unknown): void {
  for (const part of listOf(content)) {
    if (!isObject(part)) addContent(answer, asString(part));
    else if (/tool_?(use|call)|function_?call/.test(asString(part.type))) addToolCall(answer, part, 0, false);
    else if (part.thought === true || isReasoning(part.type)) addThinking(answer, readText(part));
    else addContent(answer, readText(part));
  }
}

function isReasoning(type: unknown): boolean {
  return /think|reason|thought|summary/.test(asString(type));
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
  const said = answer.last === "thinking" ? text : takeUnlessBlank(answer, text);
  if (said === "") return;
  answer.last = "thinking";
  answer.hasThinking = true;
  answer.reasoning.noteText(said);
  answer.facts.push({ type: "thinking-delta", text: said });
}

function addText(answer: PartialAnswer, text: string): void {
  if (text === "") return;
  const { facts, reasoning, search } = answer;
  const said = answer.last === "thinking" ? takeUnlessBlank(answer, text) : text;
  if (said === "") return;
  // State that arrives in the middle of a text waits for the end of the text.
  if (answer.last !== "text") {
    add(facts, reasoning.close());
    if (search) add(facts, search.begin());
  }
  answer.last = "text";
  answer.hasText = true;
  answer.blank = "";
  search?.said(said);
  facts.push({ type: "text-delta", text: said });
}

/**
 * White space of the other kind waits: in the middle of a text or of reasoning it would cut it in two, and only
 * counts once something follows it.
 */
function takeUnlessBlank(answer: PartialAnswer, text: string): string {
  answer.blank += text;
  if (answer.last !== "nothing" && text.trim() === "") return "";
  const said = answer.blank;
  answer.blank = "";
  return said;
}

function addToolCall(answer: PartialAnswer, call: unknown, choice: number, isRepeated: boolean): void {
  endText(answer);
  const { facts, reasoning, calls } = answer;
  answer.last = "tool";
  answer.blank = "";
  add(facts, reasoning.close());
  if (isObject(call)) add(facts, reasoning.readCall(call));
  add(facts, calls.push(call, choice, isRepeated));
  answer.isInCall = true;
}

function add(facts: ReplyEvent[], more: readonly ReplyEvent[]): void {
  for (const fact of more) facts.push(fact);
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
