/** What a message of Anthropic's says besides its content: how many tokens it took, and why it ended. */
import { asString, isObject, type JsonObject } from "../../../lib/json.ts";
import type { FinishReason, ReplyEvent, Usage } from "../../../reply.ts";

/** @param usage one object, or the members of several, where later ones count */
export function readNativeUsage(usage: JsonObject): Usage {
  const { server_tool_use, output_tokens_details, cost } = usage;
  const tools = isObject(server_tool_use) ? server_tool_use : {};
  const details = isObject(output_tokens_details) ? output_tokens_details : {};
  const reasoning = details.thinking_tokens ?? details.reasoning_tokens;
  return {
    inputTokens: countOf(usage.input_tokens),
    cacheReadTokens: countOf(usage.cache_read_input_tokens),
    cacheWriteTokens: countOf(usage.cache_creation_input_tokens),
    outputTokens: countOf(usage.output_tokens),
    ...(isCount(reasoning) && { reasoningTokens: reasoning }),
    // US dollars, where a reseller tells them.
    ...(typeof cost === "number" && cost >= 0 && { costUsd: cost }),
    ...(isCount(tools.web_search_requests) && { webSearches: tools.web_search_requests }),
    ...(isCount(tools.web_fetch_requests) && { webFetches: tools.web_fetch_requests }),
  };
}

/** The later usage of a stream over the earlier one, except where it says nothing: some servers count the prompt once. */
export function mergeUsage(earlier: JsonObject, later: JsonObject): JsonObject {
  const said = Object.entries(later).filter(([name, value]) => value || !earlier[name]);
  return { ...earlier, ...Object.fromEntries(said) };
}

/** @param holder a message, or the `delta` of its last event */
export function readStop({ stop_reason, stop_sequence }: JsonObject): ReplyEvent & { type: "finish" } {
  return {
    type: "finish",
    reason: reasons[asString(stop_reason)] ?? "stop",
    ...(typeof stop_sequence === "string" && { stopSequence: stop_sequence }),
  };
}

const reasons: Readonly<Record<string, FinishReason>> = {
  tool_use: "tool-use",
  stop_sequence: "stop-sequence",
  max_tokens: "max-tokens",
  refusal: "refusal",
  compaction: "compaction",
  model_context_window_exceeded: "context-window",
  pause_turn: "pause",
};

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function countOf(value: unknown): number {
  return isCount(value) ? value : 0;
}
