/**
 * In what ways backends differ: the fields of a row in `quirks.ts`, and `careful`, from which every row departs. Names
 * no provider but in comments.
 */

/** In the order of strength. */
export const reasoningEfforts = ["minimal", "low", "medium", "high", "xhigh", "max"] as const;
export type ReasoningEffort = (typeof reasoningEfforts)[number];

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
  /** What `tool_choice: any` becomes; behind `auto` and `omit` the model is asked in words. */
  readonly toolChoiceAny: "required" | "any" | "auto" | "omit";
  /** What `tool_choice: tool` becomes: the named form, only that tool with the `any` form, or words. */
  readonly toolChoiceNamed: "function" | "only-tool" | "auto";
  /** Whether a call can be forced while the model reasons; where not, forcing one switches reasoning off. */
  readonly forcedChoiceWithReasoning: boolean;
  /** What `tool_choice: none` becomes: the word, or no tools at all. */
  readonly toolChoiceNone: "none" | "omit-tools";
  readonly parallelToolCalls: boolean;
  readonly strictTools: boolean;
  /** How many tools a request may offer. */
  readonly maxTools: number;
  /**
   * What a tool's schema may hold: anything; no branches at the root; the subset of Moonshot, where types stand
   * inside the branches and references alone; or OpenAPI's subset of Gemini.
   */
  readonly toolSchema: "plain" | "object-root" | "typed-branches" | "openapi";
  /** Fields that go along when tools are offered. */
  readonly toolExtras: Readonly<Record<string, unknown>>;
  /** `content` of an assistant message that holds only tool calls. */
  readonly emptyAssistantContent: null | "";
  /** Pictures in tool results: inside the tool message, or in a user message after all of them. */
  readonly toolResultImages: "in-place" | "after";
  /** Pictures by URL: passed on, or refused because the backend takes data URLs only. */
  readonly imageUrls: boolean;
  /** PDFs: a native `file` part, Mistral's `document_url` part, or their text. */
  readonly documents: "file" | "document-url" | "text";
  /** Documents by URL: passed on for the backend to fetch, or named in a note. */
  readonly documentUrls: boolean;
  /** Whether `temperature` and `top_p` may be sent. */
  readonly sampling: boolean;
  readonly temperatureRange: Range;
  readonly topPRange: Range;
  readonly topK: boolean;
  /** How many stop sequences the backend takes; all of them are enforced here as well. */
  readonly maxStops: number;
  /** How a JSON answer is asked for: with its schema, as any JSON beside words, or in words alone. */
  readonly jsonSchema: "json_schema" | "json_object" | "none";
  /** Whether `response_format` may stand beside tools. */
  readonly jsonWithTools: boolean;
  /** How reasoning is asked for. */
  readonly reasoningRequest:
    | "none"
    /** OpenRouter's `reasoning: {effort | max_tokens | enabled}`. */
    | "reasoning-object"
    /** `reasoning_effort`. */
    | "effort"
    /** `thinking: {type}`, with an effort beside it where efforts are known. */
    | "thinking-type"
    /** `enable_thinking`. */
    | "enable-thinking"
    /** `chat_template_kwargs: {enable_thinking}`, with an effort beside it. */
    | "template-kwargs"
    /** `extra_body.google.thinking_config`, the only way to see thoughts. */
    | "thinking-config";
  /** Efforts the backend knows; a wish becomes the nearest. */
  readonly reasoningEfforts: readonly ReasoningEffort[];
  /** The effort that switches reasoning off, or comes nearest to it; undefined where there is none. */
  readonly reasoningOff: "none" | "minimal" | "low" | undefined;
  /** Where a number of tokens for reasoning goes. */
  readonly reasoningBudgetField:
    | "thinking_budget"
    | "thinking_token_budget"
    | "thinking_budget_tokens"
    | undefined;
  /** What `thinking-type` says for switching on. */
  readonly reasoningOn: { readonly type: "enabled" | "adaptive"; readonly [field: string]: unknown };
  /** Whether reasoning may be asked for when tools are offered. */
  readonly reasoningWithTools: boolean;
  /** Fields that go along unless reasoning is switched off. */
  readonly reasoningExtras: Readonly<Record<string, unknown>>;
  /** How reasoning of earlier turns goes back. */
  readonly reasoningReplay:
    | "none"
    /** As text under this name. */
    | "reasoning_content"
    | "reasoning"
    /** The very items that came, else text. */
    | "reasoning_details"
    /** The very signature that came, on the very call. */
    | "thought-signature"
    /** As a part of the content. */
    | "thinking-part";
  /** Assistant messages that must have the reasoning field, be it empty. */
  readonly reasoningRequired: "never" | "tool-turns" | "every-turn";
  /** Tool-call ids: kept when they fit OpenAI's rule, or cut to nine letters and digits. */
  readonly toolCallIds: "keep" | "nine";
  /** Whether parts and tools may carry cache marks. */
  readonly cacheControl: boolean;
  /** Whether such a mark on the whole request is a wish for automatic caching; else it goes to the last part. */
  readonly cacheField: boolean;
  readonly userId: "none" | "user" | "safety_identifier";
  readonly promptCacheKey: "none" | "prompt_cache_key" | "session_id";
  /** Whether `service_tier` knows OpenAI's words. */
  readonly serviceTier: boolean;
  /** How many models `models` may name, the asked one and those to try instead; 0 where there is no such field. */
  readonly maxModels: number;
  /** How the web is searched within a request. */
  readonly webSearch:
    | "none"
    /** OpenRouter's `openrouter:web_search` among the tools; the only form that may stand beside other tools. */
    | "server-tool"
    /** `web_search_options`. */
    | "search-options"
    /** Groq's `search_settings`. */
    | "search-settings"
    /** Z.ai's tool of type `web_search`. */
    | "search-tool"
    /** Qwen's `enable_search`. */
    | "enable-search"
    /** The model always searches; Perplexity's `search_domain_filter` says where. */
    | "domain-filter";
  /** The model that is asked when searching is all that is wanted and the one that was named cannot. */
  readonly searchModel: string | undefined;
  /** Whether pages are fetched for the model: OpenRouter's `openrouter:web_fetch`. */
  readonly webFetch: boolean;
  /** Reasoning may arrive as `<think>` tags inside the text. */
  readonly thinkTags: boolean;
  /** How a trailing assistant message is marked as the beginning of the answer. */
  readonly prefill: "plain" | "prefix" | "partial" | "continue-final-message";
  /** A trailing assistant message is repeated at the start of the answer. */
  readonly repeatsPrefill: boolean;
  /** How `completion_tokens` treats reasoning: counted in, left out, or hidden in `total_tokens`. */
  readonly reasoningUsage: "included" | "excluded" | "in-total";
};

/** Smallest and largest value. */
type Range = readonly [from: number, to: number];

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
  forcedChoiceWithReasoning: true,
  toolChoiceNone: "none",
  parallelToolCalls: true,
  strictTools: false,
  maxTools: Number.POSITIVE_INFINITY,
  toolSchema: "plain",
  toolExtras: {},
  emptyAssistantContent: null,
  toolResultImages: "after",
  imageUrls: true,
  documents: "text",
  documentUrls: false,
  sampling: true,
  temperatureRange: [0, 2],
  topPRange: [0, 1],
  topK: false,
  maxStops: 4,
  jsonSchema: "json_schema",
  jsonWithTools: true,
  reasoningRequest: "none",
  reasoningEfforts: ["low", "medium", "high"],
  reasoningOff: undefined,
  reasoningBudgetField: undefined,
  reasoningOn: { type: "enabled" },
  reasoningWithTools: true,
  reasoningExtras: {},
  reasoningReplay: "reasoning_content",
  reasoningRequired: "never",
  toolCallIds: "keep",
  cacheControl: false,
  cacheField: false,
  userId: "none",
  promptCacheKey: "none",
  serviceTier: false,
  maxModels: 0,
  webSearch: "none",
  searchModel: undefined,
  webFetch: false,
  thinkTags: true,
  prefill: "plain",
  repeatsPrefill: false,
  reasoningUsage: "included",
};
