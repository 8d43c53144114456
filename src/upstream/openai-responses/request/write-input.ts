/**
 * Writes the conversation as items: for a turn of the assistant its reasoning, texts and calls in their order, and for
 * the user's the output of each call, then whatever else was said. As in `openai-chat/`, every item depends only on the
 * turns up to its own, so that a longer conversation begins with the items of the shorter one.
 */
import type { RequestToolUseBlock } from "../../../anthropic/wire.ts";
import { writeReminder } from "../../../catalog/claude-code/claude-code.ts";
import { writeJson } from "../../../lib/json.ts";
import type { Plan } from "../../../plan/plan.ts";
import {
  matchResults,
  noResult,
  type PlacedResult,
  writeCallResult,
  writeOrphan,
} from "../../content/match-results.ts";
import type { ContentPart, TextPart } from "../../content/parts.ts";
import { emptyMessage, type Placed, placeBlocks, readTurns } from "../../content/read-turns.ts";
import { type ContentOptions, reminderPart, writeBlock } from "../../content/write-content.ts";
import { isSealed } from "../../reasoning/pack-carrier.ts";
import { chooseCallIds } from "../../tools/choose-call-ids.ts";
import type { ToolNames } from "../../tools/choose-tool-names.ts";
import { unpackItems } from "../carry-items.ts";
import type { FunctionCallOutput, InputItem, InputMessage, Phase } from "../wire.ts";
import { writeInputContent } from "./write-parts.ts";

type WrittenInput = {
  readonly input: InputItem[];
  /** The text of a trailing assistant message. */
  readonly prefill: string;
};

type Writer = {
  readonly plan: Plan;
  readonly options: ContentOptions;
  /** The backend's id of a call. */
  readonly callId: (call: RequestToolUseBlock) => string;
};

export function writeInput(plan: Plan, names: ToolNames, note: (words: string) => void): WrittenInput {
  const withdrawn = new Set(plan.tools.withdrawn.map(({ name }) => name));
  const options: ContentOptions = { quirks: plan.quirks, toolName: names.toUpstream, withdrawn, note };
  const writer = { plan, options, callId: chooseCallIds(plan).of };
  const input: InputItem[] = [];
  let calls: RequestToolUseBlock[] = [];
  for (const turn of readTurns(plan.request.messages)) {
    const blocks = placeBlocks(plan.request.messages, turn);
    if (turn.role === "user") {
      input.push(...writeUserTurn(blocks, calls, writer));
      calls = [];
    } else {
      calls = blocks.flatMap(({ block }) => (block.type === "tool_use" ? [block] : []));
      input.push(...writeAssistantTurn(blocks, writer));
    }
  }
  input.push(...writeOutputs([], calls, writer).outputs);
  if (input.length === 0) input.push({ type: "message", role: "user", content: emptyMessage });
  const last = input.at(-1);
  if (!isAssistantMessage(last)) return { input, prefill: "" };
  // Models continue a text that ends in white space badly.
  last.content = last.content.trimEnd();
  return { input, prefill: last.content };
}

function isAssistantMessage(item: InputItem | undefined): item is InputMessage & { role: "assistant" } {
  return item?.type === "message" && item.role === "assistant";
}

function writeAssistantTurn(blocks: readonly Placed[], { plan, options, callId }: Writer): InputItem[] {
  const items: InputItem[] = [];
  let phase: Phase | undefined;
  for (const { block, at } of blocks) {
    switch (block.type) {
      case "thinking":
      case "redacted_thinking": {
        const carried = unpackItems(block, plan);
        if (carried) {
          if (carried.isLate) items.unshift(...carried.reasoning);
          else items.push(...carried.reasoning);
          phase = carried.phase;
        } else if (isSealed(block)) {
          options.note("left out redacted thinking, which only Anthropic's servers can read");
        }
        break;
      }
      case "tool_use":
        items.push({
          type: "function_call",
          call_id: callId(block),
          name: options.toolName(block.name, block.toolset_name),
          arguments: writeJson(block.input),
        });
        phase = undefined;
        break;
      case "tool_result":
        break;
      default: {
        const parts = writeBlock(block, at, options);
        const texts = parts.filter((part) => part.type === "text");
        if (texts.length < parts.length) options.note("left out an image or file of the assistant");
        addAssistantText(items, texts, phase);
      }
    }
  }
  return dropUnfollowed(putTextFirst(items));
}

/** Outputs must follow their calls, so what was said after a call comes before it. */
function putTextFirst(items: readonly InputItem[]): readonly InputItem[] {
  const rest = items.findLastIndex(({ type }) => type === "message") + 1;
  const isEarlyCall = ({ type }: InputItem, at: number) => type === "function_call" && at < rest;
  if (!items.some(isEarlyCall)) return items;
  return [
    ...items.filter((item, at) => at < rest && !isEarlyCall(item, at)),
    ...items.filter(isEarlyCall),
    ...items.slice(rest),
  ];
}

/** Texts with nothing between them are one message, unless they are for different phases. */
function addAssistantText(items: InputItem[], texts: readonly TextPart[], phase: Phase | undefined): void {
  const content = texts.map(({ text }) => text).join("");
  if (content === "") return;
  const last = items.at(-1);
  if (isAssistantMessage(last) && last.phase === phase) last.content += content;
  else items.push({ type: "message", role: "assistant", content, ...(phase && { phase }) });
}

/** "Item of type 'reasoning' was provided without its required following item", a 400: its answer was cut off. */
function dropUnfollowed(items: readonly InputItem[]): InputItem[] {
  return items.slice(0, items.findLastIndex(({ type }) => type !== "reasoning") + 1);
}

function writeUserTurn(
  blocks: readonly Placed[],
  calls: readonly RequestToolUseBlock[],
  writer: Writer,
): InputItem[] {
  const { plan, options } = writer;
  const { midSystem } = plan.quirks.messages;
  const results = blocks.flatMap(({ block, at }) => (block.type === "tool_result" ? [{ block, at }] : []));
  const callIds = new Set(calls.map(({ id }) => id));
  const { outputs, media } = writeOutputs(results, calls, writer);
  const items: InputItem[] = [...outputs];
  const said: ContentPart[] = [...media];
  const flush = () => {
    if (said.length > 0) items.push(writeMessage("user", said.splice(0), plan));
  };
  for (const { block, at, isSystem } of blocks) {
    if (block.type === "tool_result") {
      if (!callIds.has(block.tool_use_id)) said.push(...writeOrphan({ block, at }, options));
      continue;
    }
    if (block.type === "tool_use" || block.type === "thinking" || block.type === "redacted_thinking") {
      options.note(`left out a ${block.type} block of the user`);
      continue;
    }
    const parts = writeBlock(block, at, options);
    if (!isSystem) {
      said.push(...parts);
      continue;
    }
    // No backend takes media in a system message.
    said.push(...parts.filter((part) => part.type !== "text"));
    const texts = parts.filter((part) => part.type === "text");
    if (texts.length === 0) continue;
    if (midSystem === "reminder") {
      const reminder = reminderPart(texts);
      const last = items.at(-1);
      if (last?.type === "function_call_output" && said.length === 0) addToOutput(last, reminder.text);
      else said.push(reminder);
    } else {
      flush();
      items.push(writeMessage(midSystem, texts, plan));
    }
  }
  flush();
  // A turn of empty blocks still has to separate two answers.
  return items.length > 0 ? items : [{ type: "message", role: "user", content: emptyMessage }];
}

/** An output for each call, in the order of the calls, and the media that it cannot hold. */
function writeOutputs(
  results: readonly PlacedResult[],
  calls: readonly RequestToolUseBlock[],
  { plan, options, callId }: Writer,
): { outputs: FunctionCallOutput[]; media: ContentPart[] } {
  const { caching } = plan.quirks;
  const matched = matchResults(results, calls);
  const media: ContentPart[] = [];
  const outputs = calls.map((call): FunctionCallOutput => {
    const call_id = callId(call);
    const result = matched.get(call);
    if (!result) return { type: "function_call_output", call_id, output: noResult };
    const { inside, after } = writeCallResult(result, call, options);
    media.push(...after);
    return { type: "function_call_output", call_id, output: writeInputContent(inside, "\n", caching.marks) };
  });
  return { outputs, media };
}

export function writeMessage(
  role: "user" | "system" | "developer",
  parts: readonly ContentPart[],
  { quirks }: Plan,
): InputMessage {
  return { type: "message", role, content: writeInputContent(parts, "\n\n", quirks.caching.marks) };
}

/**
 * Adds an instruction for the model to what was said last; after tool results it joins the last of them. An answer that
 * has begun is left alone.
 */
export function addLastInstruction(input: InputItem[], words: string): void {
  const text = writeReminder(words);
  const last = input.at(-1);
  if (isAssistantMessage(last)) return;
  if (last?.type === "function_call_output") addToOutput(last, text);
  else if (last?.type !== "message" || last.role !== "user")
    input.push({ type: "message", role: "user", content: text });
  else if (typeof last.content === "string") last.content += `\n\n${text}`;
  else last.content.push({ type: "input_text", text });
}

function addToOutput(item: FunctionCallOutput, text: string): void {
  if (typeof item.output === "string") item.output += `\n\n${text}`;
  else item.output.push({ type: "input_text", text });
}
