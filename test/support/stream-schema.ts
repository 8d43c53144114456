/**
 * The exact shape of everything we may send on a stream: unknown keys are refused, and counters are never missing.
 * Written from the protocol, not from the code under test, of which it uses only the types.
 */
import { z } from "zod";

const count = z.number().int().nonnegative();

const usage = z.strictObject({
  input_tokens: count,
  cache_creation_input_tokens: count,
  cache_read_input_tokens: count,
  output_tokens: count,
  output_tokens_details: z.strictObject({ thinking_tokens: count }).exactOptional(),
  server_tool_use: z.strictObject({ web_search_requests: count, web_fetch_requests: count }).exactOptional(),
});

const message = z.strictObject({
  id: z.string().regex(/^msg_[A-Za-z0-9_-]+$/),
  type: z.literal("message"),
  role: z.literal("assistant"),
  model: z.string().min(1),
  content: z.tuple([]).transform(() => []),
  stop_reason: z.null(),
  stop_sequence: z.null(),
  usage,
});

const caller = z.strictObject({ type: z.literal("direct") });
const webAddress = z.url({ protocol: /^https?$/ });
const serverToolId = z.string().regex(/^srvtoolu_[A-Za-z0-9_-]+$/);

const searchResult = z.strictObject({
  type: z.literal("web_search_result"),
  url: webAddress,
  title: z.string().min(1),
  encrypted_content: z.string(),
  page_age: z.string().min(1).nullable(),
});
const searchError = z.strictObject({
  type: z.literal("web_search_tool_result_error"),
  error_code: z.enum(["unavailable", "invalid_tool_input", "max_uses_exceeded", "query_too_long"]),
});
const foundTools = z.strictObject({
  type: z.literal("tool_search_tool_search_result"),
  tool_references: z.array(
    z.strictObject({ type: z.literal("tool_reference"), tool_name: z.string().min(1) }),
  ),
});
const toolSearchError = z.strictObject({
  type: z.literal("tool_search_tool_result_error"),
  error_code: z.enum(["invalid_tool_input", "execution_time_exceeded"]),
  error_message: z.string().min(1),
});
const citation = z.strictObject({
  type: z.literal("web_search_result_location"),
  cited_text: z.string(),
  url: webAddress,
  title: z.string().min(1),
  encrypted_index: z.literal(""),
});

const block = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("text"), text: z.literal(""), citations: z.null() }),
  z.strictObject({ type: z.literal("thinking"), thinking: z.literal(""), signature: z.literal("") }),
  z.strictObject({ type: z.literal("redacted_thinking"), data: z.string().min(1) }),
  z.strictObject({
    type: z.literal("tool_use"),
    id: z.string().regex(/^[A-Za-z0-9_-]+$/),
    name: z.string().min(1),
    input: z.strictObject({}),
    toolset_name: z.enum(["computer", "browser"]).exactOptional(),
  }),
  z.strictObject({
    type: z.literal("server_tool_use"),
    id: serverToolId,
    name: z.enum(["web_search", "tool_search_tool_regex", "tool_search_tool_bm25"]),
    input: z.strictObject({}),
    caller,
  }),
  z.strictObject({
    type: z.literal("web_search_tool_result"),
    tool_use_id: serverToolId,
    caller,
    content: z.union([z.array(searchResult), searchError]),
  }),
  z.strictObject({
    type: z.literal("tool_search_tool_result"),
    tool_use_id: serverToolId,
    content: z.union([foundTools, toolSearchError]),
  }),
  z.strictObject({
    type: z.literal("compaction"),
    content: z.null(),
    encrypted_content: z.null(),
    tool_changes: z.array(z.record(z.string(), z.unknown())),
  }),
]);

const delta = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("text_delta"), text: z.string() }),
  z.strictObject({ type: z.literal("thinking_delta"), thinking: z.string() }),
  z.strictObject({ type: z.literal("signature_delta"), signature: z.string().min(1) }),
  z.strictObject({ type: z.literal("input_json_delta"), partial_json: z.string() }),
  z.strictObject({ type: z.literal("citations_delta"), citation }),
  z.strictObject({
    type: z.literal("compaction_delta"),
    content: z.string().min(1).nullable(),
    encrypted_content: z.null(),
  }),
]);

const stop = z.strictObject({
  stop_reason: z.enum([
    "end_turn",
    "max_tokens",
    "stop_sequence",
    "tool_use",
    "refusal",
    "compaction",
    "pause_turn",
    "model_context_window_exceeded",
  ]),
  stop_sequence: z.string().min(1).nullable(),
  stop_details: z
    .strictObject({ type: z.literal("refusal"), category: z.null(), explanation: z.string().nullable() })
    .exactOptional(),
});

const edit = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("clear_tool_uses_20250919"),
    cleared_tool_uses: count.positive(),
    cleared_input_tokens: count,
  }),
  z.strictObject({
    type: z.literal("clear_thinking_20251015"),
    cleared_thinking_turns: count.positive(),
    cleared_input_tokens: count,
  }),
]);

const error = z.strictObject({
  type: z.enum([
    "invalid_request_error",
    "authentication_error",
    "billing_error",
    "permission_error",
    "not_found_error",
    "conflict_error",
    "request_too_large",
    "rate_limit_error",
    "api_error",
    "timeout_error",
    "overloaded_error",
  ]),
  message: z.string().min(1),
  details: z.strictObject({ error_code: z.string() }).exactOptional(),
});

export const streamEvent = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("message_start"), message }),
  z.strictObject({ type: z.literal("content_block_start"), index: count, content_block: block }),
  z.strictObject({ type: z.literal("content_block_delta"), index: count, delta }),
  z.strictObject({ type: z.literal("content_block_stop"), index: count }),
  z.strictObject({
    type: z.literal("message_delta"),
    delta: stop,
    usage,
    context_management: z.strictObject({ applied_edits: z.array(edit).min(1) }).exactOptional(),
  }),
  z.strictObject({ type: z.literal("message_stop") }),
  z.strictObject({ type: z.literal("ping") }),
  z.strictObject({ type: z.literal("error"), error, request_id: z.string().min(1).exactOptional() }),
]);
