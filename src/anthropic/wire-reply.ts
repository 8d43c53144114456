/**
 * What we send to an Anthropic client: messages, stream events and errors, as types without behavior.
 * `test/anthropic/wire.test.ts` compares them with the official SDK at compile time.
 */
import type { JsonObject } from "../lib/json.ts";
import type { ToolsSearchFault, WebSearchFault } from "../reply.ts";

/** `encrypted_index` is Anthropic's own; an empty one means that there is none. */
export type Citation = {
  type: "web_search_result_location";
  cited_text: string;
  url: string;
  title: string;
  encrypted_index: string;
};
type ReplyTextBlock = { type: "text"; text: string; citations: Citation[] | null };
type ReplyThinkingBlock = { type: "thinking"; thinking: string; signature: string };
type RedactedThinkingBlock = { type: "redacted_thinking"; data: string };
type ReplyToolUseBlock = {
  type: "tool_use";
  id: string;
  name: string;
  input: Record<string, unknown>;
  /** The toolset that the tool belongs to. */
  toolset_name?: string;
};
/** The model called the tool itself, not through code that it wrote. */
type Caller = { type: "direct" };
export type ServerToolUseBlock = {
  type: "server_tool_use";
  id: string;
  name: "web_search" | "tool_search_tool_regex" | "tool_search_tool_bm25";
  input: Record<string, unknown>;
  caller: Caller;
};
/** `encrypted_content` comes back unchanged: we put what the backend read on the page there. */
export type WebSearchResult = {
  type: "web_search_result";
  url: string;
  title: string;
  encrypted_content: string;
  page_age: string | null;
};
export type WebSearchResultBlock = {
  type: "web_search_tool_result";
  tool_use_id: string;
  caller: Caller;
  content: WebSearchResult[] | { type: "web_search_tool_result_error"; error_code: WebSearchFault };
};
export type ToolsSearchResultBlock = {
  type: "tool_search_tool_result";
  tool_use_id: string;
  content:
    | {
        type: "tool_search_tool_search_result";
        tool_references: { type: "tool_reference"; tool_name: string }[];
      }
    | {
        type: "tool_search_tool_result_error";
        error_code: ToolsSearchFault["code"];
        error_message: string;
      };
};
/** Stands for the conversation before it; without content it stands for nothing. */
export type ReplyCompactionBlock = {
  type: "compaction";
  content: string | null;
  encrypted_content: null;
  /** What the summarized conversation did to the tools of the request. */
  tool_changes: JsonObject[];
};
export type ContentBlock =
  | ReplyCompactionBlock
  | ReplyTextBlock
  | ReplyThinkingBlock
  | RedactedThinkingBlock
  | ReplyToolUseBlock
  | ServerToolUseBlock
  | WebSearchResultBlock
  | ToolsSearchResultBlock;

export type StopReason =
  | "end_turn"
  | "max_tokens"
  | "stop_sequence"
  | "tool_use"
  | "refusal"
  | "compaction"
  | "pause_turn"
  | "model_context_window_exceeded";

/** What an edit has taken out of the conversation. */
export type AppliedEdit =
  | {
      readonly type: "clear_tool_uses_20250919";
      readonly cleared_tool_uses: number;
      readonly cleared_input_tokens: number;
    }
  | {
      readonly type: "clear_thinking_20251015";
      readonly cleared_thinking_turns: number;
      readonly cleared_input_tokens: number;
    };

export type ContextManagement = { applied_edits: AppliedEdit[] };

export type StopDetails = { type: "refusal"; category: null; explanation: string | null };

/** All four counters are always numbers: Claude Code and the AI SDK fail if one is missing. */
export type MessageUsage = {
  input_tokens: number;
  cache_creation_input_tokens: number;
  cache_read_input_tokens: number;
  output_tokens: number;
  output_tokens_details?: { thinking_tokens: number };
  server_tool_use?: { web_search_requests: number; web_fetch_requests: number };
};

export type Message = {
  id: string;
  type: "message";
  role: "assistant";
  model: string;
  content: ContentBlock[];
  stop_reason: StopReason | null;
  stop_sequence: string | null;
  stop_details?: StopDetails;
  usage: MessageUsage;
  context_management?: ContextManagement;
};

export type ContentDelta =
  | { type: "text_delta"; text: string }
  | { type: "thinking_delta"; thinking: string }
  | { type: "signature_delta"; signature: string }
  | { type: "input_json_delta"; partial_json: string }
  | { type: "citations_delta"; citation: Citation }
  | { type: "compaction_delta"; content: string | null; encrypted_content: null };

export type StreamEvent =
  | { type: "message_start"; message: Message }
  | { type: "content_block_start"; index: number; content_block: ContentBlock }
  | { type: "content_block_delta"; index: number; delta: ContentDelta }
  | { type: "content_block_stop"; index: number }
  | {
      type: "message_delta";
      delta: { stop_reason: StopReason; stop_sequence: string | null; stop_details?: StopDetails };
      usage: MessageUsage;
      context_management?: ContextManagement;
    }
  | { type: "message_stop" }
  | { type: "ping" }
  | ErrorEnvelope;

/** The body of every failed answer, and of the `error` event. */
export type ErrorEnvelope = {
  type: "error";
  error: { type: ErrorType; message: string; details?: Readonly<Record<string, unknown>> };
  request_id?: string;
};

export type ErrorType =
  | "invalid_request_error"
  | "authentication_error"
  | "billing_error"
  | "permission_error"
  | "not_found_error"
  | "conflict_error"
  | "request_too_large"
  | "rate_limit_error"
  | "api_error"
  | "timeout_error"
  | "overloaded_error";
