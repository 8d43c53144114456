/** Writes the results of tool calls: a `tool` message for each call, and pictures where the backend accepts them. */
import type { RequestToolUseBlock } from "../../../anthropic/wire.ts";
import { matchResults, noResult, type PlacedResult, writeResult } from "../../content/match-results.ts";
import type { ContentPart } from "../../content/parts.ts";
import { type ContentOptions, textPart, writeContent } from "../../content/write-content.ts";
import type { ChatMessage } from "../wire.ts";

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
    if (!result) return { role: "tool", tool_call_id, content: noResult };
    const parts = writeResult(result, options);
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
