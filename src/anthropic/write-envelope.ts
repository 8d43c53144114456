/** The events around the content blocks: what is known about a message before its first block, and after its last. */
import { createId } from "../lib/create-id.ts";
import { type FinishReason, noUsage, type ReplyEvent, type Usage } from "../reply.ts";
import type { AppliedEdit, MessageUsage, StopReason, StreamEvent } from "./wire-reply.ts";

type MessageDelta = StreamEvent & { type: "message_delta" };

/** @param inputTokens the prompt's estimate, because no backend has counted it yet */
export function writeMessageStart(model: string, inputTokens: number): StreamEvent {
  return {
    type: "message_start",
    message: {
      id: createId("msg_"),
      type: "message",
      role: "assistant",
      model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: writeUsage({ ...noUsage, inputTokens }),
    },
  };
}

export function writeMessageDelta(
  finish: ReplyEvent & { type: "finish" },
  hasToolUse: boolean,
  usage: Usage,
  appliedEdits: readonly AppliedEdit[] = [],
): MessageDelta {
  const stopReason = chooseStopReason(finish.reason, hasToolUse);
  const stop_sequence = stopReason === "stop_sequence" ? (finish.stopSequence ?? null) : null;
  const event: MessageDelta = {
    type: "message_delta",
    delta: { stop_reason: stopReason, stop_sequence },
    usage: writeUsage(usage),
  };
  if (stopReason === "refusal")
    event.delta.stop_details = { type: "refusal", category: null, explanation: null };
  if (appliedEdits.length > 0) event.context_management = { applied_edits: [...appliedEdits] };
  return event;
}

function chooseStopReason(reason: FinishReason, hasToolUse: boolean): StopReason {
  switch (reason) {
    case "stop":
    case "tool-use":
      return hasToolUse ? "tool_use" : "end_turn";
    case "stop-sequence":
      return hasToolUse ? "tool_use" : "stop_sequence";
    case "max-tokens":
      return "max_tokens";
    case "refusal":
    case "compaction":
      return reason;
    case "pause":
      return "pause_turn";
    case "context-window":
      return "model_context_window_exceeded";
    default:
      return reason satisfies never;
  }
}

function writeUsage(usage: Usage): MessageUsage {
  const { reasoningTokens, webSearches = 0, webFetches = 0 } = usage;
  const written: MessageUsage = {
    input_tokens: usage.inputTokens,
    cache_creation_input_tokens: usage.cacheWriteTokens,
    cache_read_input_tokens: usage.cacheReadTokens,
    output_tokens: usage.outputTokens,
  };
  if (reasoningTokens !== undefined) written.output_tokens_details = { thinking_tokens: reasoningTokens };
  if (webSearches > 0 || webFetches > 0)
    written.server_tool_use = { web_search_requests: webSearches, web_fetch_requests: webFetches };
  return written;
}
