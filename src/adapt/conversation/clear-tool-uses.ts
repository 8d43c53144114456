/**
 * Empties the results of earlier tool calls (`clear_tool_uses_20250919`). Which ones is found by living through the
 * conversation again: whenever it had grown past the trigger, all but the newest were emptied. So a longer conversation
 * repeats the decisions of the shorter one, and its prefix changes only when the trigger is reached again.
 */
import type {
  ContextEdit,
  MessagesRequest,
  RequestBlock,
  RequestMessage,
  ToolResultBlock,
} from "../../anthropic/wire.ts";
import { estimateText } from "../../lib/estimate-text.ts";
import type { ClearedMessages } from "./clear-thinking.ts";

type Edit = ContextEdit & { type: "clear_tool_uses_20250919" };

/** What holds if the client does not say. Source: Anthropic, context editing. */
const usual = { trigger: { type: "input_tokens", value: 100_000 }, keep: 3 } as const;

/** Stands where a result was. */
const placeholder = "[This tool result was cleared to save context]";

/** Rough tokens of an image or a file in a result. */
const mediaTokens = 1500;

type Call = { readonly id: string; readonly name: string; tokens: number; isCleared: boolean };

/** Undefined if nothing is cleared. */
export function clearToolUses(
  messages: readonly RequestMessage[],
  edit: Edit,
  { system, tools }: Pick<MessagesRequest, "system" | "tools">,
): ClearedMessages | undefined {
  const calls = new Map<string, Call>();
  const fixed = estimateText((system ?? []).map(({ text }) => text).join("\n")) + toolTokens(tools);
  let tokens = fixed;
  let cleared = 0;
  for (const [at, { role, content }] of messages.entries()) {
    for (const block of content) {
      const size = sizeOf(block);
      tokens += size;
      if (block.type === "tool_use") {
        const input = clearsInput(edit, block.name) ? size : 0;
        calls.set(block.id, { id: block.id, name: block.name, tokens: input, isCleared: false });
      }
      const call = block.type === "tool_result" ? calls.get(block.tool_use_id) : undefined;
      if (call) call.tokens += size;
    }
    // A model was asked here: the next message is its answer, or this is the last one.
    const isAsked = messages[at + 1]?.role === "assistant" || at === messages.length - 1;
    if (role === "assistant" || !isAsked) continue;
    const freed = clearOlder([...calls.values()], edit, tokens);
    tokens -= freed;
    cleared += freed;
  }
  const gone = new Set([...calls.values()].filter(({ isCleared }) => isCleared).map(({ id }) => id));
  if (gone.size === 0) return undefined;
  return {
    messages: messages.map((message) => clearMessage(message, gone, edit)),
    applied: {
      type: edit.type,
      cleared_tool_uses: gone.size,
      cleared_input_tokens: cleared,
    },
  };
}

/** Marks all but the newest calls if the trigger is reached, and returns the tokens that this frees. */
function clearOlder(calls: readonly Call[], edit: Edit, tokens: number): number {
  const trigger = edit.trigger ?? usual.trigger;
  const present = calls.filter(({ isCleared }) => !isCleared);
  const size = trigger.type === "input_tokens" ? tokens : present.length;
  if (size <= trigger.value) return 0;
  const excluded = new Set(edit.exclude_tools ?? []);
  const keep = edit.keep?.value ?? usual.keep;
  const older = present
    .slice(0, Math.max(0, present.length - keep))
    .filter(({ name }) => !excluded.has(name));
  const freed = older.reduce((sum, call) => sum + call.tokens, 0);
  if (older.length === 0 || freed < (edit.clear_at_least?.value ?? 0)) return 0;
  for (const call of older) call.isCleared = true;
  return freed;
}

function clearsInput({ clear_tool_inputs: inputs }: Edit, name: string): boolean {
  return inputs === true || (Array.isArray(inputs) && inputs.includes(name));
}

function clearMessage(message: RequestMessage, gone: ReadonlySet<string>, edit: Edit): RequestMessage {
  const clear = (block: RequestBlock): RequestBlock => {
    if (block.type === "tool_result" && gone.has(block.tool_use_id)) return emptyResult(block);
    const isEmptied = block.type === "tool_use" && gone.has(block.id) && clearsInput(edit, block.name);
    return isEmptied ? { ...block, input: {} } : block;
  };
  return { ...message, content: message.content.map(clear) };
}

/** References to tools stay, because they keep those tools loaded. */
function emptyResult(block: ToolResultBlock): ToolResultBlock {
  const kept = (block.content ?? []).filter(({ type }) => type === "tool_reference");
  return { ...block, content: [{ type: "text", text: placeholder }, ...kept] };
}

function toolTokens(tools: MessagesRequest["tools"]): number {
  return tools?.length ? estimateText(JSON.stringify(tools)) : 0;
}

function sizeOf(block: RequestBlock): number {
  switch (block.type) {
    case "text":
      return estimateText(block.text);
    case "thinking":
      return estimateText(block.thinking);
    case "tool_use":
      return estimateText(JSON.stringify(block.input));
    case "tool_result":
      return (block.content ?? []).reduce(
        (sum, part) => sum + (part.type === "text" ? estimateText(part.text) : mediaTokens),
        0,
      );
    case "image":
    case "document":
      return mediaTokens;
    default:
      return 0;
  }
}
