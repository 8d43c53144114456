/** Writes the results of tool calls: a `tool` message for each call, and pictures where the backend accepts them. */
import type { RequestToolUseBlock, ToolResultBlock } from "../../../anthropic/wire.ts";
import type { ChatMessage, ContentPart } from "../wire.ts";
import { type ContentOptions, markLast, textPart, writeBlock, writeContent } from "./write-content.ts";

/** A result, and where it is in the client's body. */
type PlacedResult = { readonly block: ToolResultBlock; readonly at: string };

/** One message for each call, in the order of the calls, whatever the order of the results. */
export function writeResults(
  results: readonly PlacedResult[],
  calls: readonly RequestToolUseBlock[],
  callId: (call: RequestToolUseBlock) => string,
  options: ContentOptions,
): { messages: ChatMessage[]; pictures: ContentPart[] } {
  const pictures: ContentPart[] = [];
  const matched = matchResults(results, calls);
  const messages = calls.map((call): ChatMessage => {
    const tool_call_id = callId(call);
    const result = matched.get(call);
    if (!result)
      return { role: "tool", tool_call_id, content: "[The call was interrupted and has no result]" };
    const parts = writeResult(result.block, result.at, options);
    if (options.quirks.media.toolResultImages === "in-place") {
      return { role: "tool", tool_call_id, content: writeContent(parts, "\n", options) };
    }
    const media = parts.filter((part) => part.type !== "text");
    const texts = parts.map((part) => (part.type === "text" ? part : textPart("[See the attachment below]")));
    if (media.length > 0)
      pictures.push(
        textPart(`Attached to the result of ${options.toolName(call.name, call.toolset_name)}:`),
        ...media,
      );
    return { role: "tool", tool_call_id, content: writeContent(texts, "\n", options) };
  });
  return { messages, pictures };
}

/** The result of each call: the last one with its id; calls with the same id get the results in order. */
function matchResults(
  results: readonly PlacedResult[],
  calls: readonly RequestToolUseBlock[],
): ReadonlyMap<RequestToolUseBlock, PlacedResult | undefined> {
  const resultsOf = Map.groupBy(results, ({ block }) => block.tool_use_id);
  return new Map(
    [...Map.groupBy(calls, ({ id }) => id)].flatMap(([id, sharing]) => {
      const own = resultsOf.get(id) ?? [];
      return sharing.map((call, at) => [call, sharing.length === 1 ? own.at(-1) : own[at]] as const);
    }),
  );
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
export function writeOrphan(block: ToolResultBlock, at: string, options: ContentOptions): ContentPart[] {
  return [textPart(`[Result of tool call ${block.tool_use_id}]`), ...writeResult(block, at, options)];
}
