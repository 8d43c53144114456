/**
 * The world's backends as data: how each one's `/chat/completions` departs from the common ground. The only file
 * that names providers. A row lists what differs from `careful`, each fact with its source; `plan/` picks the
 * row, dialects obey it and never ask who the backend is.
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
  /** The effort that switches reasoning off; undefined where that cannot be. */
  readonly reasoningOff: "none" | "minimal" | "low" | undefined;
  /** Where a number of tokens for reasoning goes. */
  readonly reasoningBudgetField:
    | "thinking_budget"
    | "thinking_token_budget"
    | "thinking_budget_tokens"
    | undefined;
  /** The word of `thinking-type` for switching on. */
  readonly reasoningOnType: "enabled" | "adaptive";
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
  reasoningEfforts: ["low", "medium", "high"],
  reasoningOff: undefined,
  reasoningBudgetField: undefined,
  reasoningOnType: "enabled",
  reasoningWithTools: true,
  reasoningExtras: {},
  reasoningReplay: "reasoning_content",
  reasoningRequired: "never",
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
    reasoningEfforts,
    reasoningOff: "none",
    // Unmodified and in order: OpenRouter's guide on preserving reasoning.
    reasoningReplay: "reasoning_details",
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
    reasoningEfforts: ["low", "high", "max"],
    // "The reasoning_content in the thinking mode must be passed back to the API": a 400 without it.
    reasoningRequired: "every-turn",
    thinkTags: false,
  },
  gemini: {
    parallelToolCalls: false,
    reasoningRequest: "thinking-config",
    reasoningEfforts: ["low", "medium", "high"],
    reasoningOff: "low",
    // Gemini 3 answers 400 to a call that comes back without its signature.
    reasoningReplay: "thought-signature",
    // Thinking shows only as total − prompt − completion.
    reasoningUsage: "in-total",
  },
  mistral: {
    // Unknown fields are a 422, `stream_options` among them; usage comes unasked.
    streamUsage: false,
    toolChoiceAny: "any",
    emptyAssistantContent: "",
    reasoningReplay: "thinking-part",
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
    reasoningEfforts,
    reasoningOff: "none",
    reasoningReplay: "reasoning",
  },
  vllm: {
    topK: true,
    maxStops: Number.POSITIVE_INFINITY,
    reasoningRequest: "template-kwargs",
    reasoningOff: "none",
    reasoningBudgetField: "thinking_token_budget",
    reasoningReplay: "reasoning",
  },
  llamacpp: {
    // A choice by name is ignored in silence; measured on llama-server.
    toolChoiceNamed: "only-tool",
    topK: true,
    maxStops: Number.POSITIVE_INFINITY,
    reasoningRequest: "template-kwargs",
    reasoningOff: "none",
    reasoningBudgetField: "thinking_budget_tokens",
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
    reasoningEfforts: [],
    // "reasoning_content is missing in assistant tool call message": a 400 without it.
    reasoningRequired: "tool-turns",
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
    reasoningEfforts: [],
    thinkTags: false,
  },
  qwen: {
    toolChoiceAny: "auto",
    topK: true,
    cacheControl: true,
    reasoningRequest: "enable-thinking",
    reasoningBudgetField: "thinking_budget",
    thinkTags: false,
  },
  minimax: {
    maxTokensField: "max_completion_tokens",
    toolChoiceAny: "auto",
    toolChoiceNamed: "auto",
    toolChoiceNone: "omit-tools",
    parallelToolCalls: false,
    jsonSchema: "json_object",
    // Otherwise reasoning comes as <think> tags inside the text.
    reasoningExtras: { reasoning_split: true },
    reasoningReplay: "reasoning_details",
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
  // Source: OpenAI's reasoning guide; o-series cannot be switched off, gpt-5 only turned down.
  [
    /^(openai|azure)$/,
    /^gpt-5(-(mini|nano))?(-\d|$)/i,
    { reasoningEfforts: ["minimal", "low", "medium", "high"], reasoningOff: "minimal" },
  ],
  [
    /^(openai|azure)$/,
    /^gpt-(5\.|[6-9])/i,
    { reasoningEfforts: ["low", "medium", "high", "xhigh"], reasoningOff: "none" },
  ],
  // From here on chat completions refuse function tools beside reasoning.
  [/^(openai|azure)$/, /^gpt-(5\.([6-9]|\d\d)|[6-9])/i, { reasoningWithTools: false }],
  [
    /^xai$/,
    /^grok-(4\.3|3-mini)/i,
    { reasoningRequest: "effort", reasoningEfforts: ["low", "high"], maxStops: 0 },
  ],
  [/^gemini$/, /gemini-2\.5/i, { reasoningBudgetField: "thinking_budget" }],
  [/^gemini$/, /gemini-2\.5-flash/i, { reasoningOff: "none" }],
  [/^mistral$/, /^magistral/i, { reasoningExtras: { prompt_mode: "reasoning" } }],
  [/^groq$/, /gpt-oss/i, { reasoningRequest: "effort", reasoningExtras: { reasoning_format: "parsed" } }],
  [
    /^groq$/,
    /qwen-?3/i,
    {
      reasoningRequest: "effort",
      reasoningEfforts: [],
      reasoningOff: "none",
      reasoningExtras: { reasoning_format: "parsed" },
    },
  ],
  [/^moonshot$/, /kimi-k3/i, { reasoningRequest: "effort", reasoningEfforts: ["low", "high", "max"] }],
  [/^moonshot$/, /kimi-k2\.7-code/i, { reasoningRequest: "none" }],
  [/^zai$/, /^glm-(5\.[2-9]|[6-9])/i, { reasoningEfforts: ["low", "high", "max"] }],
  [/^zai$/, /^glm-5\.3/i, { reasoningOff: "low" }],
  [
    /^minimax$/,
    /m3/i,
    { reasoningRequest: "thinking-type", reasoningEfforts: [], reasoningOnType: "adaptive" },
  ],
  [/^xai$/, /^grok-4/i, { maxStops: 0 }],
  // OpenRouter hands explicit cache marks to the hosts that know them, and others may stumble over parts.
  [/^openrouter$/, /^~?(anthropic|google|qwen)\//i, { cacheControl: true }],
];

export function quirksForModel(quirks: Quirks, model: string): Quirks {
  const matching = models.filter(([row, name]) => row.test(quirks.name) && name.test(model));
  return Object.assign({ ...quirks }, ...matching.map(([, , differences]) => differences));
}
