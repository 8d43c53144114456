/** Writes the results of tool calls: a `tool` message for each call, and pictures where the backend accepts them. */
import type { RequestToolUseBlock } from "../../../anthropic/wire.ts";
import { matchResults, noResult, type PlacedResult, writeCallResult } from "../../content/match-results.ts";
import type { ContentPart } from "../../content/parts.ts";
import { type ContentOptions, writeContent } from "../../content/write-content.ts";
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
    const { inside, after } = writeCallResult(result, call, options);
    pictures.push(...after);
    return { role: "tool", tool_call_id, content: writeContent(inside, "\n", options) };
  });
  return { messages, pictures };
}
