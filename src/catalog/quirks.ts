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
    | "reasoning-object"
    | "effort"
    | "thinking-type"
    | "enable-thinking"
    | "template-kwargs";
  /** Whether an effort may stand beside `thinking-type`. */
  readonly thinkingEffort: boolean;
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
  thinkingEffort: false,
  reasoningReplay: "reasoning_content",
  toolCallIds: "keep",
  cacheControl: false,
  userId: "none",
  promptCacheKey: "none",
  thinkTags: true,
  repeatsPrefill: false,
  reasoningUsage: "included",
};

type Row = Partial<Omit<Quirks, "name">>;

/**
 * One row a backend. Sources, unless a fact names its own: the provider's API reference, and the types of its
 * official SDK or AI-SDK package.
 */
const rows = {
  openrouter: {
    strictTools: true,
    // Tool messages may hold parts: OpenRouter's ToolResponseMessage schema.
    toolResultImages: "in-place",
    documents: "file",
    topK: true,
    reasoningRequest: "reasoning-object",
    reasoningReplay: "reasoning",
    userId: "user",
    promptCacheKey: "session_id",
    thinkTags: false,
  },
  openai: {
    maxTokensField: "max_completion_tokens",
    midSystem: "system",
    strictTools: true,
    documents: "file",
    // Chat completions never return reasoning, and refuse unknown fields.
    reasoningReplay: "none",
    userId: "safety_identifier",
    promptCacheKey: "prompt_cache_key",
    thinkTags: false,
  },
  azure: {
    auth: "api-key",
    maxTokensField: "max_completion_tokens",
    midSystem: "system",
    strictTools: true,
    reasoningReplay: "none",
    userId: "user",
    thinkTags: false,
  },
  xai: {
    maxTokensField: "max_completion_tokens",
    strictTools: true,
    reasoningReplay: "none",
    promptCacheKey: "prompt_cache_key",
    thinkTags: false,
    // `completion_tokens` leaves reasoning out.
    reasoningUsage: "excluded",
  },
  deepseek: {
    emptyAssistantContent: "",
    jsonSchema: "json_object",
    reasoningRequest: "thinking-type",
    thinkingEffort: true,
    thinkTags: false,
  },
  gemini: {
    parallelToolCalls: false,
    reasoningRequest: "effort",
    reasoningReplay: "none",
    // Thinking shows only as total − prompt − completion.
    reasoningUsage: "in-total",
  },
  mistral: {
    // Unknown fields are a 422, `stream_options` among them; usage comes unasked.
    streamUsage: false,
    toolChoiceAny: "any",
    emptyAssistantContent: "",
    reasoningReplay: "none",
    toolCallIds: "nine",
    thinkTags: false,
  },
  groq: {
    maxTokensField: "max_completion_tokens",
    strictTools: true,
    reasoningReplay: "reasoning",
  },
  ollama: {
    parallelToolCalls: false,
    imageUrls: false,
    reasoningRequest: "effort",
    reasoningReplay: "reasoning",
  },
  vllm: {
    topK: true,
    maxStops: Number.POSITIVE_INFINITY,
    reasoningRequest: "template-kwargs",
    reasoningReplay: "reasoning",
  },
  llamacpp: {
    // A choice by name is ignored in silence; measured on llama-server.
    toolChoiceNamed: "only-tool",
    topK: true,
    maxStops: Number.POSITIVE_INFINITY,
    reasoningRequest: "template-kwargs",
    repeatsPrefill: true,
  },
  lmstudio: {
    toolChoiceNamed: "only-tool",
    parallelToolCalls: false,
  },
  moonshot: {
    maxTokensField: "max_completion_tokens",
    // Kimi models fix their sampling.
    sampling: false,
    imageUrls: false,
    toolChoiceAny: "auto",
    toolChoiceNamed: "auto",
    reasoningRequest: "thinking-type",
    promptCacheKey: "prompt_cache_key",
    thinkTags: false,
  },
  zai: {
    streamUsage: false,
    toolChoiceAny: "auto",
    toolChoiceNamed: "auto",
    toolChoiceNone: "omit-tools",
    parallelToolCalls: false,
    jsonSchema: "json_object",
    reasoningRequest: "thinking-type",
    thinkTags: false,
  },
  qwen: {
    toolChoiceAny: "auto",
    topK: true,
    cacheControl: true,
    reasoningRequest: "enable-thinking",
    thinkTags: false,
  },
  minimax: {
    maxTokensField: "max_completion_tokens",
    toolChoiceAny: "auto",
    toolChoiceNamed: "auto",
    toolChoiceNone: "omit-tools",
    parallelToolCalls: false,
    jsonSchema: "json_object",
  },
} as const satisfies Record<string, Row>;

export type DialectName = keyof typeof rows | "generic";

/** Whose address it is. Local servers are told by their usual ports, which is a guess that costs little. */
const hosts: readonly (readonly [RegExp, keyof typeof rows])[] = [
  [/(^|\.)openrouter\.ai$/, "openrouter"],
  [/^api\.openai\.com$/, "openai"],
  [/\.(openai\.azure|services\.ai\.azure|cognitiveservices\.azure)\.com$/, "azure"],
  [/^api\.x\.ai$/, "xai"],
  [/^api\.deepseek\.com$/, "deepseek"],
  [/^generativelanguage\.googleapis\.com$/, "gemini"],
  [/^api\.mistral\.ai$/, "mistral"],
  [/^api\.groq\.com$/, "groq"],
  [/^(localhost|127\.0\.0\.1|\[::1\]):11434$/, "ollama"],
  [/^(localhost|127\.0\.0\.1|\[::1\]):8000$/, "vllm"],
  [/^(localhost|127\.0\.0\.1|\[::1\]):8080$/, "llamacpp"],
  [/^(localhost|127\.0\.0\.1|\[::1\]):1234$/, "lmstudio"],
  [/^api\.moonshot\.(ai|cn)$|^api\.kimi\.com$/, "moonshot"],
  [/^api\.z\.ai$|^open\.bigmodel\.cn$/, "zai"],
  [/^dashscope[\w-]*\.aliyuncs\.com$/, "qwen"],
  [/^api\.minimaxi?\.(io|com)$/, "minimax"],
];

/** The row of a backend, by its address; `azure` is the operator's own word for it. */
export function chooseQuirks(baseUrl: string, azure: boolean): Quirks {
  const { host } = new URL(baseUrl);
  return quirksNamed(azure ? "azure" : (hosts.find(([pattern]) => pattern.test(host))?.[1] ?? "generic"));
}

export function quirksNamed(name: DialectName): Quirks {
  return name === "generic" ? careful : { ...careful, ...rows[name], name };
}

/** What one model of a backend does otherwise than the rest, by the row's name and the model's. */
const models: readonly (readonly [row: RegExp, model: RegExp, Row])[] = [
  [
    // OpenAI's reasoning models refuse sampling and stop sequences, and take `developer` for `system`.
    /^(openai|azure)$/,
    /^(o\d|gpt-[5-9])(?!.*-chat)/i,
    {
      systemRole: "developer",
      midSystem: "developer",
      sampling: false,
      maxStops: 0,
      reasoningRequest: "effort",
    },
  ],
  [/^xai$/, /^grok-(4\.3|3-mini)/i, { reasoningRequest: "effort", maxStops: 0 }],
  [/^xai$/, /^grok-4/i, { maxStops: 0 }],
  // OpenRouter hands explicit cache marks to the hosts that know them, and others may stumble over parts.
  [/^openrouter$/, /^~?(anthropic|google|qwen)\//i, { cacheControl: true }],
];

export function quirksForModel(quirks: Quirks, model: string): Quirks {
  const matching = models.filter(([row, name]) => row.test(quirks.name) && name.test(model));
  return Object.assign({ ...quirks }, ...matching.map(([, , differences]) => differences));
}
