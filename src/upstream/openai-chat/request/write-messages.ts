/**
 * Writes the conversation in OpenAI's order: after an assistant's calls one `tool` message for each, then whatever
 * else the user said. Every message depends only on its own turn and the turns before it, so that a longer
 * conversation begins with exactly the messages of the shorter one, and the backend's prompt cache hits.
 */

import { createHash } from "node:crypto";
import type { RequestBlock, RequestToolUseBlock, ToolResultBlock } from "../../../anthropic/wire.ts";
import { writeReminder } from "../../../catalog/claude-code/claude-code.ts";
import type { Quirks } from "../../../catalog/quirks.ts";
import type { Plan } from "../../../plan/plan.ts";
import type { ToolNames } from "../../tools/choose-tool-names.ts";
import type { ChatMessage, ContentPart, TextPart, ToolCall } from "../wire.ts";
import {
  addToMessage,
  type ContentOptions,
  joinParts,
  markLast,
  textPart,
  writeBlock,
} from "./write-content.ts";
import { writeReplay } from "./write-replay.ts";

/** A block, where it is in the client's body, and whether it comes from a system message. */
type Placed<Block> = { readonly block: Block; readonly at: string; readonly isSystem: boolean };
type Turn = { readonly role: "user" | "assistant"; readonly blocks: Placed<RequestBlock>[] };

/** Fills a message that must be there but has no content. */
const emptyMessage = "(empty message)";

type WrittenMessages = {
  readonly messages: ChatMessage[];
  /** The text of a trailing assistant message. */
  readonly prefill: string;
};

export function writeMessages(plan: Plan, names: ToolNames, note: (words: string) => void): WrittenMessages {
  const withdrawn = new Set(plan.tools.withdrawn.map(({ name }) => name));
  const options: ContentOptions = { quirks: plan.quirks, toolName: names.toUpstream, withdrawn, note };
  const writer = { plan, names, options, callIds: createCallIds(plan) };
  const messages: ChatMessage[] = [];
  let calls: RequestToolUseBlock[] = [];
  const turns = readTurns(plan);
  for (const turn of turns) {
    if (turn.role === "user") {
      messages.push(...writeUserTurn(turn.blocks, calls, writer));
      calls = [];
    } else {
      calls = turn.blocks.flatMap(({ block }) => (block.type === "tool_use" ? [block] : []));
      messages.push(...writeAssistantTurn(turn.blocks, writer, turn === turns.at(-1)));
    }
  }
  messages.push(...writeResults([], calls, writer).messages);
  if (messages.length === 0) messages.push({ role: "user", content: emptyMessage });
  const last = messages.at(-1);
  const prefill = last?.role === "assistant" && typeof last.content === "string" ? last.content : "";
  return { messages, prefill };
}

type Writer = {
  readonly plan: Plan;
  readonly names: ToolNames;
  readonly options: ContentOptions;
  readonly callIds: ReadonlyMap<RequestToolUseBlock, string>;
};

/** Adjacent messages of one side are one turn; a system message among them belongs to the user's. */
function readTurns({ request }: Plan): Turn[] {
  const turns: Turn[] = [];
  for (const [m, message] of request.messages.entries()) {
    const isSystem = message.role === "system";
    const placed = message.content.map((block, c) => ({ block, at: `messages.${m}.content.${c}`, isSystem }));
    const role = message.role === "assistant" ? "assistant" : "user";
    const last = turns.at(-1);
    const turn: Turn = last?.role === role ? last : { role, blocks: [] };
    if (turn !== last) turns.push(turn);
    turn.blocks.push(...placed);
  }
  return turns;
}

function writeAssistantTurn(
  blocks: readonly Placed<RequestBlock>[],
  { plan, names, options, callIds }: Writer,
  isLast: boolean,
): ChatMessage[] {
  const callId = (call: RequestToolUseBlock) => callIds.get(call) ?? call.id;
  const replay = writeReplay(
    blocks.map(({ block }) => block),
    plan,
    callId,
  );
  const texts: TextPart[] = [];
  const calls: ToolCall[] = [];
  for (const { block, at } of blocks) {
    if (block.type === "tool_use") {
      const thought_signature = replay.signatures.get(block.id);
      calls.push({
        id: callId(block),
        type: "function",
        function: {
          name: names.toUpstream(block.name, block.toolset_name),
          arguments: JSON.stringify(block.input),
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
        else options.note("left out a picture or file of the assistant");
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
      content: replay.parts.length > 0 ? [...replay.parts, ...toTextParts(text)] : isSilent ? "" : content,
      ...replay.fields,
      ...(calls.length > 0 && { tool_calls: calls }),
    },
  ];
}

/** Anthropic's API refuses a prefill that ends in white space; other models continue it badly. */
function trimLast(texts: readonly TextPart[]): TextPart[] {
  const [last, ...before] = texts.toReversed();
  return last ? [...before.reverse(), { ...last, text: last.text.trimEnd() }] : [];
}

function toTextParts(content: string | TextPart[]): TextPart[] {
  if (typeof content !== "string") return content;
  return content === "" ? [] : [textPart(content)];
}

function toTextContent(content: string | ContentPart[]): string | TextPart[] {
  return typeof content === "string" ? content : content.filter((part) => part.type === "text");
}

function writeUserTurn(
  blocks: readonly Placed<RequestBlock>[],
  calls: readonly RequestToolUseBlock[],
  writer: Writer,
): ChatMessage[] {
  const { plan, options } = writer;
  const results = blocks.flatMap(({ block, ...place }) =>
    block.type === "tool_result" ? [{ block, ...place }] : [],
  );
  const answered = writeResults(results, calls, writer);
  const said: ContentPart[] = [...answered.pictures];
  const messages: ChatMessage[] = [...answered.messages];
  const flush = () => {
    if (said.length > 0)
      messages.push({ role: "user", content: writeContent(said.splice(0), "\n\n", options) });
  };
  for (const { block, at, isSystem } of blocks) {
    if (block.type === "tool_result") {
      if (!calls.some((call) => call.id === block.tool_use_id)) said.push(...writeOrphan(block, at, options));
      continue;
    }
    if (block.type === "tool_use" || block.type === "thinking" || block.type === "redacted_thinking") {
      options.note(`left out a ${block.type} block of the user`);
      continue;
    }
    const parts = writeBlock(block, at, options);
    if (!isSystem) said.push(...parts);
    else if (plan.quirks.messages.midSystem === "reminder") addReminder(parts, messages.at(-1), said);
    else {
      flush();
      const content = toTextContent(joinParts(parts, "\n\n"));
      if (content.length > 0) messages.push({ role: plan.quirks.messages.midSystem, content });
    }
  }
  flush();
  // A turn of empty blocks still has to separate two answers.
  return messages.length > 0 ? messages : [{ role: "user", content: emptyMessage }];
}

/**
 * A system text for a backend that accepts one only at the beginning. After tool results it joins the last of them: a
 * user message there would make several chat templates forget the reasoning of the tool loop.
 */
function addReminder(
  parts: readonly ContentPart[],
  last: ChatMessage | undefined,
  said: ContentPart[],
): void {
  const texts = parts.filter((part) => part.type === "text");
  said.push(...parts.filter((part) => part.type !== "text"));
  if (texts.length === 0) return;
  const words = texts.map(({ text }) => text).join("\n");
  const reminder = { ...texts.at(-1), ...textPart(writeReminder(words)) };
  if (last?.role !== "tool" || said.length > 0) said.push(reminder);
  else addToMessage(last, reminder);
}

/**
 * Parts stay parts if the backend accepts cache marks. Clients move their marks from turn to turn, and a message that
 * became one string when it lost its mark would miss the cache.
 */
function writeContent(
  parts: readonly ContentPart[],
  separator: string,
  { quirks }: ContentOptions,
): string | ContentPart[] {
  return quirks.caching.marks ? [...parts] : joinParts(parts, separator);
}

/** One message for each call, in the order of the calls, whatever the order of the results. */
function writeResults(
  results: readonly Placed<ToolResultBlock>[],
  calls: readonly RequestToolUseBlock[],
  writer: Writer,
): { messages: ChatMessage[]; pictures: ContentPart[] } {
  const { options, names, callIds, plan } = writer;
  const pictures: ContentPart[] = [];
  const messages = calls.map((call): ChatMessage => {
    const tool_call_id = callIds.get(call) ?? call.id;
    const result = findResult(call, calls, results);
    if (!result)
      return { role: "tool", tool_call_id, content: "[The call was interrupted and has no result]" };
    const parts = writeResult(result.block, result.at, options);
    if (plan.quirks.media.toolResultImages === "in-place") {
      return { role: "tool", tool_call_id, content: writeContent(parts, "\n", options) };
    }
    const media = parts.filter((part) => part.type !== "text");
    const texts = parts.map((part) => (part.type === "text" ? part : textPart("[See the attachment below]")));
    if (media.length > 0)
      pictures.push(
        textPart(`Attached to the result of ${names.toUpstream(call.name, call.toolset_name)}:`),
        ...media,
      );
    return { role: "tool", tool_call_id, content: writeContent(texts, "\n", options) };
  });
  return { messages, pictures };
}

/** The last result of the call; calls with the same id get the results in order. */
function findResult(
  call: RequestToolUseBlock,
  calls: readonly RequestToolUseBlock[],
  results: readonly Placed<ToolResultBlock>[],
): Placed<ToolResultBlock> | undefined {
  const sharing = calls.filter(({ id }) => id === call.id);
  const own = results.filter(({ block }) => block.tool_use_id === call.id);
  return sharing.length === 1 ? own.at(-1) : own[sharing.indexOf(call)];
}

function writeResult(result: ToolResultBlock, at: string, options: ContentOptions): ContentPart[] {
  return markLast(writeResultParts(result, at, options), result, options);
}

function writeResultParts(result: ToolResultBlock, at: string, options: ContentOptions): ContentPart[] {
  const parts = (result.content ?? []).flatMap((block, i) =>
    writeBlock(block, `${at}.content.${i}`, options),
  );
  const [first] = parts;
  if (result.is_error !== true) return first ? parts : [textPart("(no output)")];
  if (first?.type !== "text") return [textPart("Error: (no details)"), ...parts];
  return first.text.startsWith("Error")
    ? parts
    : [{ ...first, text: `Error: ${first.text}` }, ...parts.slice(1)];
}

/** A result without its call, as in truncated history: OpenAI would refuse it as a tool message. */
function writeOrphan(block: ToolResultBlock, at: string, options: ContentOptions): ContentPart[] {
  return [textPart(`[Result of tool call ${block.tool_use_id}]`), ...writeResult(block, at, options)];
}

const alphanumerics = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/**
 * The backend's id of each call: the client's own if it fits, else a hash of it, the same in every request. Some
 * histories use one id for several calls; the later ones get new ids.
 */
function createCallIds({ request, quirks }: Plan): ReadonlyMap<RequestToolUseBlock, string> {
  const ids = new Map<RequestToolUseBlock, string>();
  const uses = new Map<string, number>();
  for (const { content } of request.messages) {
    for (const block of content) {
      if (block.type !== "tool_use") continue;
      const use = uses.get(block.id) ?? 0;
      uses.set(block.id, use + 1);
      ids.set(block, upstreamId(use === 0 ? block.id : `${block.id} ${use}`, quirks.tools.callIds));
    }
  }
  return ids;
}

function upstreamId(id: string, form: Quirks["tools"]["callIds"]): string {
  if (form === "keep" && /^[A-Za-z0-9_-]{1,40}$/.test(id)) return id;
  const hash = createHash("sha256").update(id).digest();
  if (form === "keep") return `call_${hash.toString("hex").slice(0, 24)}`;
  return Array.from(hash.subarray(0, 9), (byte) => alphanumerics[byte % alphanumerics.length]).join("");
}
