/**
 * Writes the conversation in OpenAI's order: after an assistant's calls one `tool` message for each, then whatever
 * else the user said. Every message depends only on its own turn and the turns before it, so that a longer
 * conversation begins with exactly the messages of the shorter one, and the backend's prompt cache hits.
 */
import type { RequestToolUseBlock } from "../../../anthropic/wire.ts";
import { writeJson } from "../../../lib/json.ts";
import type { Plan } from "../../../plan/plan.ts";
import { type PlacedResult, writeOrphan } from "../../content/match-results.ts";
import type { ContentPart, TextPart } from "../../content/parts.ts";
import {
  emptyMessage,
  type Placed,
  placeBlocks,
  readTurns,
  type TurnRange,
} from "../../content/read-turns.ts";
import {
  type ContentOptions,
  joinParts,
  reminderPart,
  textPart,
  trimLast,
  writeBlock,
  writeContent,
} from "../../content/write-content.ts";
import { isSealed } from "../../reasoning/pack-carrier.ts";
import { chooseCallIds } from "../../tools/choose-call-ids.ts";
import type { ToolNames } from "../../tools/choose-tool-names.ts";
import type { ChatMessage, ToolCall } from "../wire.ts";
import { type Calls, findTurn, keepTurn, type TurnSetting, type WrittenTurn } from "./remember-turns.ts";
import { addToMessage } from "./write-last-message.ts";
import { writeReplay } from "./write-replay.ts";
import { writeResults } from "./write-results.ts";

/** What the assistant says between tool results and the user, where it has to say something. */
const resultsSeen: ChatMessage = { role: "assistant", content: "I have the results." };

type WrittenMessages = {
  /** A list that the caller may change; the messages in it may be shared with other requests. */
  readonly messages: ChatMessage[];
  /** The text of a trailing assistant message. */
  readonly prefill: string;
};

const noCalls: Calls = [];
const noNotes: readonly string[] = [];
const noNames: ReadonlySet<string> = new Set();

export function writeMessages(plan: Plan, names: ToolNames, note: (words: string) => void): WrittenMessages {
  const writer = createWriter(plan, names, note);
  const turns = readTurns(plan.request.messages);
  const messages: ChatMessage[] = [];
  let calls = noCalls;
  for (const turn of turns) {
    const written = writeTurn(turn, calls, writer, turn === turns.at(-1));
    for (const message of written.messages) addMessage(messages, message);
    calls = written.calls;
  }
  if (calls.length > 0) messages.push(...writeResults([], calls, writer.callId, writer.options).messages);
  if (messages.length === 0) messages.push({ role: "user", content: emptyMessage });
  const last = messages.at(-1);
  const prefill = last?.role === "assistant" && typeof last.content === "string" ? last.content : "";
  return { messages: plan.quirks.messages.userAfterTool ? messages : separateResults(messages), prefill };
}

/** Two turns of the user are one if the answer between them was left out: templates want roles that alternate. */
function addMessage(messages: ChatMessage[], message: ChatMessage): void {
  const last = messages.at(-1);
  if (last?.role !== "user" || message.role !== "user") {
    messages.push(message);
    return;
  }
  const areTexts = typeof last.content === "string" && typeof message.content === "string";
  const content = areTexts
    ? `${last.content}\n\n${message.content}`
    : [...toParts(last.content), ...toParts(message.content)];
  messages[messages.length - 1] = { role: "user", content };
}

function toParts(content: string | ContentPart[]): ContentPart[] {
  return typeof content === "string" ? [textPart(content)] : content;
}

type Writer = {
  readonly plan: Plan;
  readonly options: ContentOptions;
  /** The backend's id of a call. */
  readonly callId: (call: RequestToolUseBlock) => string;
  /** Undefined if no turn is remembered: it would not pay, or what one becomes depends on more. */
  readonly setting: TurnSetting | undefined;
  /** What was noted so far. */
  readonly noted: readonly string[];
};

function createWriter(plan: Plan, names: ToolNames, note: (words: string) => void): Writer {
  const { quirks, model, tools, reasoning } = plan;
  const withdrawn = tools.withdrawn.length > 0 ? new Set(tools.withdrawn.map(({ name }) => name)) : noNames;
  const callIds = chooseCallIds(plan);
  const remembers = plan.isLong && callIds.areUnique && withdrawn.size === 0;
  const noted: string[] = [];
  const noteHere = (words: string) => {
    noted.push(words);
    note(words);
  };
  return {
    plan,
    options: { quirks, toolName: names.toUpstream, withdrawn, note: noteHere },
    callId: callIds.of,
    setting: remembers ? { quirks, model, names, reasons: reasoning.on } : undefined,
    noted,
  };
}

/** @param answered the calls of the turn before */
function writeTurn(turn: TurnRange, answered: Calls, writer: Writer, isLast: boolean): WrittenTurn {
  const { noted, options } = writer;
  const conversation = writer.plan.request.messages;
  // The start of an answer is trimmed.
  const setting = isLast && turn.role === "assistant" ? undefined : writer.setting;
  const known = setting && findTurn(conversation, turn, answered, setting);
  if (known) {
    known.notes.forEach(options.note);
    return known;
  }
  const notedBefore = noted.length;
  const blocks = placeBlocks(conversation, turn);
  const isUser = turn.role === "user";
  const written: WrittenTurn = {
    messages: isUser ? writeUserTurn(blocks, answered, writer) : writeAssistantTurn(blocks, writer, isLast),
    calls: isUser ? noCalls : listCalls(blocks),
    notes: setting ? noted.slice(notedBefore) : noNotes,
  };
  if (setting) keepTurn(conversation, turn, answered, setting, written);
  return written;
}

function listCalls(blocks: readonly Placed[]): Calls {
  let calls: RequestToolUseBlock[] | undefined;
  for (const { block } of blocks) {
    if (block.type !== "tool_use") continue;
    calls ??= [];
    calls.push(block);
  }
  return calls ?? noCalls;
}

/**
 * Nothing but an assistant message may follow tool results: "Unexpected role 'user' after role 'tool'", a 400 of
 * Mistral's API and of servers with its tokenizer.
 */
function separateResults(messages: readonly ChatMessage[]): ChatMessage[] {
  return messages.flatMap((message, at): ChatMessage[] => {
    const followsResults = messages[at - 1]?.role === "tool";
    return followsResults && message.role !== "tool" && message.role !== "assistant"
      ? [resultsSeen, message]
      : [message];
  });
}

function writeAssistantTurn(
  blocks: readonly Placed[],
  { plan, options, callId }: Writer,
  isLast: boolean,
): ChatMessage[] {
  const replay = writeReplay(
    blocks.map(({ block }) => block),
    plan,
    callId,
  );
  const texts: TextPart[] = [];
  const calls: ToolCall[] = [];
  if (blocks.some(({ block }) => isSealed(block)))
    options.note("left out redacted thinking, which only Anthropic's servers can read");
  for (const { block, at } of blocks) {
    if (block.type === "tool_use") {
      const thought_signature = replay.signatures.get(block.id);
      calls.push({
        id: callId(block),
        type: "function",
        function: {
          name: options.toolName(block.name, block.toolset_name),
          arguments: writeJson(block.input),
        },
        ...(thought_signature !== undefined && { extra_content: { google: { thought_signature } } }),
      });
    } else if (
      block.type !== "thinking" &&
      block.type !== "redacted_thinking" &&
      block.type !== "tool_result"
    ) {
      for (const part of writeBlock(block, at, options)) {
        if (part.type === "text") texts.push(part);
        else options.note("left out an image or file of the assistant");
      }
    }
  }
  const text = toTextContent(writeContent(isLast ? trimLast(texts) : texts, "", options));
  const isSilent = text.length === 0 && calls.length === 0;
  // A turn of reasoning alone means nothing to a backend that does not want reasoning back.
  if (isSilent && replay.parts.length === 0 && Object.keys(replay.fields).length === 0) return [];
  const content = text.length > 0 ? text : plan.quirks.messages.emptyAssistantContent;
  return [
    {
      role: "assistant",
      content:
        replay.parts.length > 0
          ? [...replay.parts, ...toTextParts(text)]
          : isSilent
            ? (content ?? "")
            : content,
      ...replay.fields,
      ...(calls.length > 0 && { tool_calls: calls }),
    },
  ];
}

function toTextParts(content: string | TextPart[]): TextPart[] {
  if (typeof content !== "string") return content;
  return content === "" ? [] : [textPart(content)];
}

function toTextContent(content: string | ContentPart[]): string | TextPart[] {
  return typeof content === "string" ? content : content.filter((part) => part.type === "text");
}

function listResults(blocks: readonly Placed[]): PlacedResult[] {
  const results: PlacedResult[] = [];
  for (const { block, at } of blocks) if (block.type === "tool_result") results.push({ block, at });
  return results;
}

function writeUserTurn(blocks: readonly Placed[], calls: Calls, writer: Writer): ChatMessage[] {
  const { plan, options } = writer;
  const callIds = calls.length > 0 ? new Set(calls.map(({ id }) => id)) : noNames;
  const results =
    calls.length > 0 ? writeResults(listResults(blocks), calls, writer.callId, options) : undefined;
  const messages: ChatMessage[] = results?.messages ?? [];
  const said: ContentPart[] = results?.pictures ?? [];
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
    if (!isSystem) said.push(...parts);
    else if (plan.quirks.messages.midSystem === "reminder") addReminder(parts, messages, said);
    else {
      flush(said, messages, options);
      // No backend takes media in a system message.
      said.push(...parts.filter((part) => part.type !== "text"));
      const texts = parts.filter((part) => part.type === "text");
      const content = toTextContent(joinParts(texts, "\n\n"));
      if (content.length > 0) messages.push({ role: plan.quirks.messages.midSystem, content });
    }
  }
  flush(said, messages, options);
  // A turn of empty blocks still has to separate two answers.
  return messages.length > 0 ? messages : [{ role: "user", content: emptyMessage }];
}

/** What the user has said so far becomes a message of its own. */
function flush(said: ContentPart[], messages: ChatMessage[], options: ContentOptions): void {
  if (said.length > 0) messages.push({ role: "user", content: writeContent(said, "\n\n", options) });
  said.length = 0;
}

/**
 * A system text for a backend that accepts one only at the beginning. After tool results it joins the last of them: a
 * user message there would make several chat templates forget the reasoning of the tool loop.
 */
function addReminder(parts: readonly ContentPart[], messages: ChatMessage[], said: ContentPart[]): void {
  const texts = parts.filter((part) => part.type === "text");
  said.push(...parts.filter((part) => part.type !== "text"));
  if (texts.length === 0) return;
  const reminder = reminderPart(texts);
  const last = messages.at(-1);
  if (last?.role !== "tool" || said.length > 0) said.push(reminder);
  else messages[messages.length - 1] = addToMessage(last, reminder);
}
