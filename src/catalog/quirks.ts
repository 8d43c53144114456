/**
 * The world's backends as data: how each one's `/chat/completions` departs from the common ground. The only file
 * that names providers. A row lists what differs from `careful`, each fact with its source; `plan/` picks the
 * row, protocols obey it and never ask who the backend is.
 */

import { careful, type Quirks, reasoningEfforts } from "./quirk-fields.ts";

type Row = Partial<Omit<Quirks, "name">>;

/**
 * One row a backend. Sources, unless a fact names its own: the provider's API reference, and the types of its
 * official SDK or AI-SDK package.
 */
const rows = {
  openrouter: {
    strictTools: true,
    // Claude and GPT behind it refuse branches at the root of a tool's schema.
    toolSchema: "object-root",
    // Tool messages may hold parts: OpenRouter's ToolResponseMessage schema.
    toolResultImages: "in-place",
    // The file-parser plugin reads PDFs for models that cannot; `file_data` may be a URL.
    documents: "file",
    documentUrls: true,
    // Hosts that lack it drop it without a word; the catalogue tells which models do.
    topK: true,
    reasoningRequest: "reasoning-object",
    reasoningEfforts,
    reasoningOff: "none",
    // Unmodified and in order: OpenRouter's guide on preserving reasoning.
    reasoningReplay: "reasoning_details",
    userId: "user",
    promptCacheKey: "session_id",
    serviceTier: true,
    // "'models' array must have 3 items or fewer", a 400.
    maxModels: 3,
    // Its plugin `web` is deprecated in favour of it: OpenRouter's guide on server tools.
    webSearch: "server-tool",
    webFetch: true,
    thinkTags: false,
  },
  openai: {
    // `max_tokens` is deprecated, and refused by reasoning models: API reference of chat completions.
    maxTokensField: "max_completion_tokens",
    midSystem: "system",
    strictTools: true,
    // "array too long. Expected an array with maximum length 128", a 400.
    maxTools: 128,
    // "schema must have type 'object' and not have 'oneOf'/'anyOf'/'allOf' … at the top level", a 400.
    toolSchema: "object-root",
    documents: "file",
    // Chat completions never return reasoning, and refuse unknown fields.
    reasoningReplay: "none",
    // `user` is deprecated in favour of it: at most 128 characters.
    userId: "safety_identifier",
    promptCacheKey: "prompt_cache_key",
    serviceTier: true,
    // Only search models search at `/chat/completions`: OpenAI's guide on web search.
    searchModel: "gpt-5-search-api",
    thinkTags: false,
  },
  azure: {
    auth: "api-key",
    maxTokensField: "max_completion_tokens",
    midSystem: "system",
    strictTools: true,
    maxTools: 128,
    toolSchema: "object-root",
    reasoningReplay: "none",
    userId: "user",
    promptCacheKey: "prompt_cache_key",
    thinkTags: false,
  },
  xai: {
    maxTokensField: "max_completion_tokens",
    strictTools: true,
    reasoningReplay: "none",
    // Sends the requests of a conversation to the server that has it cached: xAI's guide on prompt caching.
    promptCacheKey: "prompt_cache_key",
    // No search here: "Live search is deprecated. Please switch to the Agent Tools API", a 410 to `search_parameters`.
    thinkTags: false,
    // `completion_tokens` leaves reasoning out.
    reasoningUsage: "excluded",
  },
  deepseek: {
    emptyAssistantContent: "",
    // "deepseek-reasoner does not support this tool_choice", a 400.
    forcedChoiceWithReasoning: false,
    // "Up to 16 sequences": API reference.
    maxStops: 16,
    // "This response_format type is unavailable now", a 400 to schemas.
    jsonSchema: "json_object",
    reasoningRequest: "thinking-type",
    reasoningEfforts: ["low", "high", "max"],
    // "The reasoning_content in the thinking mode must be passed back to the API": a 400 without it.
    reasoningRequired: "every-turn",
    thinkTags: false,
  },
  gemini: {
    // Ignored, with several calls in the answer all the same.
    parallelToolCalls: false,
    // Its models read PDFs; should the compatible endpoint refuse the part, the text goes in its place.
    documents: "file",
    // Its schemas are messages with fixed fields; an unknown one is a 400: Schema in the Gemini API reference.
    toolSchema: "openapi",
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
    // "Expected last role User or Tool … but got assistant", a 400 without the mark; the answer then repeats it.
    prefill: "prefix",
    repeatsPrefill: true,
    // [0, 1.5]: ChatCompletionRequest in Mistral's OpenAPI description.
    temperatureRange: [0, 1.5],
    documents: "document-url",
    documentUrls: true,
    reasoningReplay: "thinking-part",
    // "Tool call id … must be a-z, A-Z, 0-9, with a length of 9", a 400.
    toolCallIds: "nine",
    promptCacheKey: "prompt_cache_key",
    thinkTags: false,
  },
  groq: {
    // `max_tokens` is deprecated: API reference.
    maxTokensField: "max_completion_tokens",
    strictTools: true,
    // Only a few models take schemas; see the models below.
    jsonSchema: "json_object",
    // "json mode cannot be combined with tool/function calling", a 400.
    jsonWithTools: false,
    reasoningReplay: "reasoning",
    // Groq's guide on compound systems.
    searchModel: "groq/compound",
  },
  ollama: {
    // Ignored: docs/openai of Ollama lists `tool_choice` as not supported, and knows no `parallel_tool_calls`.
    toolChoiceAny: "omit",
    toolChoiceNamed: "auto",
    toolChoiceNone: "omit-tools",
    parallelToolCalls: false,
    imageUrls: false,
    reasoningRequest: "effort",
    reasoningEfforts,
    reasoningOff: "none",
    reasoningReplay: "reasoning",
  },
  vllm: {
    // Older chat templates fail on null.
    emptyAssistantContent: "",
    topK: true,
    maxStops: Number.POSITIVE_INFINITY,
    reasoningRequest: "template-kwargs",
    reasoningOff: "none",
    reasoningBudgetField: "thinking_token_budget",
    reasoningReplay: "reasoning",
    // Otherwise the template closes the message and opens another one.
    prefill: "continue-final-message",
  },
  llamacpp: {
    // A choice by name is ignored in silence, `none` brings raw calls as text; measured on llama-server.
    toolChoiceNamed: "only-tool",
    toolChoiceNone: "omit-tools",
    emptyAssistantContent: "",
    topK: true,
    maxStops: Number.POSITIVE_INFINITY,
    reasoningRequest: "template-kwargs",
    reasoningOff: "none",
    reasoningBudgetField: "thinking_budget_tokens",
    repeatsPrefill: true,
  },
  lmstudio: {
    // "Invalid tool_choice type: 'object'. Supported string values: none, auto, required", a 400.
    toolChoiceNamed: "only-tool",
    parallelToolCalls: false,
    // "'url' field must be a base64 encoded image", a 400.
    imageUrls: false,
    // Among the supported parameters of its OpenAI endpoint's documentation.
    topK: true,
  },
  moonshot: {
    maxTokensField: "max_completion_tokens",
    // Kimi models fix their sampling: "invalid temperature: only 1 is allowed for this model", a 400.
    sampling: false,
    imageUrls: false,
    // "tool_choice 'required' is incompatible with thinking enabled", a 400.
    forcedChoiceWithReasoning: false,
    // "tools.function.parameters is not a valid moonshot flavored json schema", a 400.
    toolSchema: "typed-branches",
    jsonWithTools: false,
    reasoningRequest: "thinking-type",
    reasoningEfforts: [],
    // "reasoning_content is missing in assistant tool call message": a 400 without it.
    reasoningRequired: "tool-turns",
    promptCacheKey: "prompt_cache_key",
    // Partial mode: Moonshot's guide.
    prefill: "partial",
    thinkTags: false,
  },
  zai: {
    // Not a parameter of its API; usage comes unasked.
    streamUsage: false,
    // "Only auto is supported": API reference of Z.ai.
    toolChoiceAny: "auto",
    toolChoiceNamed: "auto",
    toolChoiceNone: "omit-tools",
    parallelToolCalls: false,
    temperatureRange: [0, 1],
    topPRange: [0.01, 1],
    // A list of one: API reference of BigModel.
    maxStops: 1,
    jsonSchema: "json_object",
    reasoningRequest: "thinking-type",
    reasoningEfforts: [],
    // Otherwise the reasoning of earlier turns, though it comes back, is thrown away: Z.ai's guide on thinking modes.
    reasoningOn: { type: "enabled", clear_thinking: false },
    // `tools` in the reference of Z.ai's chat completions.
    webSearch: "search-tool",
    thinkTags: false,
  },
  qwen: {
    // Takes auto, none and a name, the name only while the model does not think: DashScope's guide on functions.
    toolChoiceAny: "auto",
    forcedChoiceWithReasoning: false,
    topK: true,
    cacheControl: true,
    reasoningRequest: "enable-thinking",
    reasoningBudgetField: "thinking_budget",
    // The one model that searches in every region: DashScope's guide on web search.
    searchModel: "qwen3-max",
    thinkTags: false,
  },
  minimax: {
    // `max_tokens` is deprecated: API reference.
    maxTokensField: "max_completion_tokens",
    toolChoiceAny: "omit",
    toolChoiceNamed: "auto",
    toolChoiceNone: "omit-tools",
    parallelToolCalls: false,
    // (0, 1]
    temperatureRange: [0.01, 1],
    topPRange: [0.01, 1],
    jsonSchema: "none",
    // Otherwise reasoning comes as <think> tags inside the text.
    reasoningExtras: { reasoning_split: true },
    reasoningReplay: "reasoning_details",
  },
} as const satisfies Record<string, Row>;

export type BackendName = keyof typeof rows | "generic";

/** Every row by the name that the operator may call it. */
export const backendNames: readonly BackendName[] = [...keysOf(rows), "generic"];

function keysOf<Key extends string>(record: Readonly<Record<Key, unknown>>): Key[] {
  return Object.keys(record).filter((key): key is Key => Object.hasOwn(record, key));
}

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

/** The row of a backend: the operator's own word for it, else Azure's where `azure` says so, else by the address. */
export function chooseQuirks(baseUrl: string, azure: boolean, named?: BackendName): Quirks {
  if (named) return quirksNamed(named);
  const { host } = new URL(baseUrl);
  return quirksNamed(azure ? "azure" : (hosts.find(([pattern]) => pattern.test(host))?.[1] ?? "generic"));
}

export function quirksNamed(name: BackendName): Quirks {
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
  // Source: OpenAI's reasoning guide; o-series and gpt-5 cannot be switched off, only turned down.
  [/^(openai|azure)$/, /^o\d/i, { reasoningOff: "low" }],
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
    { reasoningRequest: "effort", reasoningEfforts: ["low", "high"], reasoningOff: "low", maxStops: 0 },
  ],
  [/^gemini$/, /gemini-2\.5/i, { reasoningBudgetField: "thinking_budget" }],
  [/^gemini$/, /gemini-2\.5-flash/i, { reasoningOff: "none" }],
  [/^mistral$/, /^magistral/i, { reasoningExtras: { prompt_mode: "reasoning" } }],
  // Silent unless they are asked to reason, and that by an effort: the catalogue of models in `@ai-sdk/mistral`.
  [
    /^mistral$/,
    /^(mistral-small-(latest|2603)|mistral-medium(-latest|-2604|-3([.-]5)?)?|magistral-\w+-latest)$/i,
    { reasoningRequest: "effort", reasoningEfforts: ["high"], reasoningOff: "none", reasoningExtras: {} },
  ],
  [/^mistral$/, /^mistral-large-4/i, { reasoningRequest: "effort", reasoningOff: "low" }],
  [
    /^groq$/,
    /gpt-oss/i,
    { reasoningRequest: "effort", reasoningOff: "low", reasoningExtras: { reasoning_format: "parsed" } },
  ],
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
  [
    /^moonshot$/,
    /kimi-k3/i,
    { reasoningRequest: "effort", reasoningEfforts: ["low", "high", "max"], reasoningOff: "low" },
  ],
  // Otherwise the reasoning of earlier turns is thrown away: `reasoningHistory` in `@ai-sdk/moonshotai`.
  [/^moonshot$/, /kimi-k2\.6/i, { reasoningOn: { type: "enabled", keep: "all" } }],
  [/^moonshot$/, /kimi-k2\.7-code/i, { reasoningRequest: "none" }],
  [/^zai$/, /^glm-(5\.[2-9]|[6-9])/i, { reasoningEfforts: ["low", "high", "max"] }],
  [/^zai$/, /^glm-5\.3/i, { reasoningOff: "low" }],
  [
    /^minimax$/,
    /m3/i,
    { reasoningRequest: "thinking-type", reasoningEfforts: [], reasoningOn: { type: "adaptive" } },
  ],
  // "Argument not supported on this model", a 400 of those that reason.
  [/^xai$/, /^grok-(?!.*non-reasoning)(3-mini|4|code)/i, { maxStops: 0 }],
  // The list of models with structured outputs in Groq's guide.
  [/^groq$/, /gpt-oss|llama-4|kimi-k2/i, { jsonSchema: "json_schema" }],
  // Always think, so that nothing can be forced.
  [/^moonshot$/, /kimi-(k3|k2\.7-code|k2-thinking)/i, { toolChoiceAny: "auto", toolChoiceNamed: "auto" }],
  // Before Kimi; temperatures up to 1.
  [/^moonshot$/, /^moonshot-v1/i, { sampling: true, temperatureRange: [0, 1] }],
  // Arguments come as they are written; from 4.6 on, otherwise one late chunk: Z.ai's guide on tool streaming.
  [/^zai$/, /^glm-(4\.[6-9]|[5-9])/i, { toolExtras: { tool_stream: true } }],
  // Takes `response_format`, which M1 and M2 do not.
  [/^minimax$/, /m3/i, { jsonSchema: "json_object" }],
  // "Model incompatible request argument supplied: temperature", a 400.
  [
    /^openai$/,
    /-search-(preview|api)/i,
    { webSearch: "search-options", sampling: false, maxStops: 0, reasoningRequest: "none" },
  ],
  [/^groq$/, /compound/i, { webSearch: "search-settings" }],
  // "This model does not support enable_search", a 400 of others.
  [/^qwen$/, /^qwen3-max/i, { webSearch: "enable-search" }],
  // Perplexity's models.
  [/^generic$/, /^sonar/i, { webSearch: "domain-filter" }],
  // OpenRouter hands the request on to OpenAI, with OpenAI's limit.
  [/^openrouter$/, /^~?openai\//i, { maxTools: 128 }],
  // OpenRouter hands explicit cache marks to the hosts that know them, and others may stumble over parts.
  [/^openrouter$/, /^~?(anthropic|google|qwen)\//i, { cacheControl: true }],
  // "When set at the top level, the system automatically applies cache breakpoints … Currently supported for Anthropic
  // Claude models": AnthropicCacheControlDirective in OpenRouter's reference.
  [/^openrouter$/, /^~?anthropic\//i, { cacheField: true }],
];

export function quirksForModel(quirks: Quirks, model: string): Quirks {
  const matching = models.filter(([row, name]) => row.test(quirks.name) && name.test(model));
  return Object.assign({ ...quirks }, ...matching.map(([, , differences]) => differences));
}
