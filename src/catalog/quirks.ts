/**
 * The world's backends as data: how each one's `/chat/completions` departs from the common ground. The only file
 * that names providers. A row lists what differs from `careful`, each fact with its source; `plan/` picks the
 * row, dialects obey it and never ask who the backend is.
 */

export type Quirks = {
  /** The row's name, for the log. */
  readonly name: string;
  /** The header that carries the backend key. */
  readonly auth: "bearer" | "api-key";
  readonly maxTokensField: "max_tokens" | "max_completion_tokens";
  readonly systemRole: "system" | "developer";
  /** A system message inside the conversation: its own message, or a reminder inside the user's turn. */
  readonly midSystem: "reminder" | "system" | "developer";
  /** Whether `stream_options.include_usage` may be sent. */
  readonly streamUsage: boolean;
  /** What `tool_choice: any` becomes. */
  readonly toolChoiceAny: "required" | "any" | "auto";
  /** What `tool_choice: tool` becomes: the named form, only that tool with the `any` form, or `auto`. */
  readonly toolChoiceNamed: "function" | "only-tool" | "auto";
  /** What `tool_choice: none` becomes: the word, or no tools at all. */
  readonly toolChoiceNone: "none" | "omit-tools";
  readonly parallelToolCalls: boolean;
  readonly strictTools: boolean;
  /** `content` of an assistant message that holds only tool calls. */
  readonly emptyAssistantContent: null | "";
  /** Pictures in tool results: inside the tool message, or in a user message after all of them. */
  readonly toolResultImages: "in-place" | "after";
  /** Pictures by URL: passed on, or refused because the backend takes data URLs only. */
  readonly imageUrls: boolean;
  /** PDFs: a native `file` part, or a visible note in their place. */
  readonly documents: "file" | "note";
  readonly sampling: boolean;
  readonly topK: boolean;
  /** How many stop sequences the backend takes. */
  readonly maxStops: number;
  readonly jsonSchema: "json_schema" | "json_object";
  readonly reasoningRequest:
    | "none"
    | "openrouter"
    | "effort"
    | "thinking-type"
    | "enable-thinking"
    | "template-kwargs";
  /** The field in which reasoning of earlier turns goes back. */
  readonly reasoningReplay: "none" | "reasoning_content" | "reasoning";
  /** Tool-call ids: kept when they fit OpenAI's rule, or cut to nine letters and digits. */
  readonly toolCallIds: "keep" | "nine";
  readonly cacheControl: boolean;
  readonly userId: "none" | "user" | "safety_identifier";
  readonly promptCacheKey: "none" | "prompt_cache_key" | "session_id";
  /** Reasoning may arrive as `<think>` tags inside the text. */
  readonly thinkTags: boolean;
  /** A trailing assistant message is repeated at the start of the answer. */
  readonly repeatsPrefill: boolean;
  /** How `completion_tokens` treats reasoning: counted in, left out, or hidden in `total_tokens`. */
  readonly reasoningUsage: "included" | "excluded" | "in-total";
};

/** What to do with a server we know nothing about: only what every OpenAI-compatible server takes. */
export const careful: Quirks = {
  name: "generic",
  auth: "bearer",
  maxTokensField: "max_tokens",
  systemRole: "system",
  midSystem: "reminder",
  streamUsage: true,
  toolChoiceAny: "required",
  toolChoiceNamed: "function",
  toolChoiceNone: "none",
  parallelToolCalls: true,
  strictTools: false,
  emptyAssistantContent: null,
  toolResultImages: "after",
  imageUrls: true,
  documents: "note",
  sampling: true,
  topK: false,
  maxStops: 4,
  jsonSchema: "json_schema",
  reasoningRequest: "none",
  reasoningReplay: "reasoning_content",
  toolCallIds: "keep",
  cacheControl: false,
  userId: "none",
  promptCacheKey: "none",
  thinkTags: true,
  repeatsPrefill: false,
  reasoningUsage: "included",
};
