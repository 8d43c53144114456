/**
 * The world's backends as data: how each one's `/chat/completions` departs from the common ground. The only file
 * that names providers. A row lists what differs from `careful`, each fact with its source; `plan/` picks the
 * row, protocols obey it and never ask who the backend is.
 */

import { careful, changeQuirks, type QuirkChanges, type Quirks, reasoningEfforts } from "./quirks.ts";

/**
 * One row a backend. Sources, unless a fact names its own: the provider's API reference, and the types of its
 * official SDK or AI-SDK package.
 */
const rows = {
  openrouter: {
    request: {
      userId: "user",
      serviceTier: true,
      // "'models' array must have 3 items or fewer", a 400.
      maxModels: 3,
    },
    tools: {
      strict: true,
      // Claude and GPT behind it refuse branches at the root of a tool's schema.
      schema: "object-root",
    },
    media: {
      // Tool messages may hold parts: OpenRouter's ToolResponseMessage schema.
      toolResultImages: "in-place",
      // The file-parser plugin reads PDFs for models that cannot; `file_data` may be a URL.
      documents: "file",
      documentUrls: true,
    },
    sampling: {
      // Hosts that lack it drop it without a word; the catalogue tells which models do.
      topK: true,
    },
    reasoning: {
      request: "reasoning-object",
      efforts: reasoningEfforts,
      off: "none",
      // Unmodified and in order: OpenRouter's guide on preserving reasoning.
      replay: "reasoning_details",
      thinkTags: false,
    },
    caching: {
      keyField: "session_id",
    },
    web: {
      // Its plugin `web` is deprecated in favour of it: OpenRouter's guide on server tools.
      search: "server-tool",
      fetch: true,
    },
  },
  openai: {
    request: {
      // `max_tokens` is deprecated, and refused by reasoning models: API reference of chat completions.
      maxTokensField: "max_completion_tokens",
      // `user` is deprecated in favour of it: at most 128 characters.
      userId: "safety_identifier",
      serviceTier: true,
    },
    messages: {
      midSystem: "system",
    },
    tools: {
      strict: true,
      // "array too long. Expected an array with maximum length 128", a 400.
      max: 128,
      // "schema must have type 'object' and not have 'oneOf'/'anyOf'/'allOf' … at the top level", a 400.
      schema: "object-root",
    },
    media: {
      documents: "file",
    },
    reasoning: {
      // Chat completions never return reasoning, and refuse unknown fields.
      replay: "none",
      thinkTags: false,
    },
    caching: {
      keyField: "prompt_cache_key",
    },
    web: {
      // Only search models search at `/chat/completions`: OpenAI's guide on web search.
      searchModel: "gpt-5-search-api",
    },
  },
  azure: {
    request: {
      auth: "api-key",
      maxTokensField: "max_completion_tokens",
      userId: "user",
    },
    messages: {
      midSystem: "system",
    },
    tools: {
      strict: true,
      max: 128,
      schema: "object-root",
    },
    reasoning: {
      replay: "none",
      thinkTags: false,
    },
    caching: {
      keyField: "prompt_cache_key",
    },
  },
  xai: {
    request: {
      maxTokensField: "max_completion_tokens",
    },
    tools: {
      strict: true,
    },
    reasoning: {
      replay: "none",
      // No search here: "Live search is deprecated. Please switch to the Agent Tools API", a 410 to `search_parameters`.
      thinkTags: false,
    },
    caching: {
      // Sends the requests of a conversation to the server that has it cached: xAI's guide on prompt caching.
      keyField: "prompt_cache_key",
    },
    usage: {
      // `completion_tokens` leaves reasoning out.
      reasoning: "excluded",
    },
  },
  deepseek: {
    messages: {
      emptyAssistantContent: "",
    },
    toolChoice: {
      // "deepseek-reasoner does not support this tool_choice", a 400.
      forcedWithReasoning: false,
    },
    sampling: {
      // "Up to 16 sequences": API reference.
      maxStops: 16,
    },
    json: {
      // "This response_format type is unavailable now", a 400 to schemas.
      format: "json_object",
    },
    reasoning: {
      request: "thinking-type",
      efforts: ["low", "high", "max"],
      // "The reasoning_content in the thinking mode must be passed back to the API": a 400 without it.
      required: "every-turn",
      thinkTags: false,
    },
  },
  gemini: {
    tools: {
      // Ignored, with several calls in the answer all the same.
      parallelCalls: false,
      // Its schemas are messages with fixed fields; an unknown one is a 400: Schema in the Gemini API reference.
      schema: "openapi",
    },
    media: {
      // Its models read PDFs; should the compatible endpoint refuse the part, the text goes in its place.
      documents: "file",
    },
    reasoning: {
      request: "thinking-config",
      efforts: ["low", "medium", "high"],
      off: "low",
      // Gemini 3 answers 400 to a call that comes back without its signature.
      replay: "thought-signature",
    },
    usage: {
      // Thinking shows only as total − prompt − completion.
      reasoning: "in-total",
    },
  },
  mistral: {
    messages: {
      emptyAssistantContent: "",
      // "Expected last role User or Tool … but got assistant", a 400 without the mark; the answer then repeats it.
      prefill: "prefix",
      repeatsPrefill: true,
    },
    tools: {
      // "Tool call id … must be a-z, A-Z, 0-9, with a length of 9", a 400.
      callIds: "nine",
    },
    toolChoice: {
      any: "any",
    },
    media: {
      documents: "document-url",
      documentUrls: true,
    },
    sampling: {
      // [0, 1.5]: ChatCompletionRequest in Mistral's OpenAPI description.
      temperatureRange: [0, 1.5],
    },
    reasoning: {
      replay: "thinking-part",
      thinkTags: false,
    },
    caching: {
      keyField: "prompt_cache_key",
    },
    usage: {
      // Unknown fields are a 422, `stream_options` among them; usage comes unasked.
      inStream: false,
    },
  },
  groq: {
    request: {
      // `max_tokens` is deprecated: API reference.
      maxTokensField: "max_completion_tokens",
    },
    tools: {
      strict: true,
    },
    json: {
      // Only a few models take schemas; see the models below.
      format: "json_object",
      // "json mode cannot be combined with tool/function calling", a 400.
      withTools: false,
    },
    reasoning: {
      replay: "reasoning",
    },
    web: {
      // Groq's guide on compound systems.
      searchModel: "groq/compound",
    },
  },
  ollama: {
    tools: {
      parallelCalls: false,
    },
    toolChoice: {
      // Ignored: docs/openai of Ollama lists `tool_choice` as not supported, and knows no `parallel_tool_calls`.
      any: "omit",
      named: "auto",
      none: "omit-tools",
    },
    media: {
      imageUrls: false,
    },
    reasoning: {
      request: "effort",
      efforts: reasoningEfforts,
      off: "none",
      replay: "reasoning",
    },
  },
  vllm: {
    messages: {
      // Older chat templates fail on null.
      emptyAssistantContent: "",
      // Otherwise the template closes the message and opens another one.
      prefill: "continue-final-message",
    },
    sampling: {
      topK: true,
      maxStops: Number.POSITIVE_INFINITY,
    },
    reasoning: {
      request: "template-kwargs",
      off: "none",
      budgetField: "thinking_token_budget",
      replay: "reasoning",
    },
  },
  llamacpp: {
    messages: {
      emptyAssistantContent: "",
      repeatsPrefill: true,
    },
    toolChoice: {
      // A choice by name is ignored in silence, `none` brings raw calls as text; measured on llama-server.
      named: "only-tool",
      none: "omit-tools",
    },
    sampling: {
      topK: true,
      maxStops: Number.POSITIVE_INFINITY,
    },
    reasoning: {
      request: "template-kwargs",
      off: "none",
      budgetField: "thinking_budget_tokens",
    },
  },
  lmstudio: {
    tools: {
      parallelCalls: false,
    },
    toolChoice: {
      // "Invalid tool_choice type: 'object'. Supported string values: none, auto, required", a 400.
      named: "only-tool",
    },
    media: {
      // "'url' field must be a base64 encoded image", a 400.
      imageUrls: false,
    },
    sampling: {
      // Among the supported parameters of its OpenAI endpoint's documentation.
      topK: true,
    },
  },
  moonshot: {
    request: {
      maxTokensField: "max_completion_tokens",
    },
    messages: {
      // Partial mode: Moonshot's guide.
      prefill: "partial",
    },
    tools: {
      // "tools.function.parameters is not a valid moonshot flavored json schema", a 400.
      schema: "typed-branches",
    },
    toolChoice: {
      // "tool_choice 'required' is incompatible with thinking enabled", a 400.
      forcedWithReasoning: false,
    },
    media: {
      imageUrls: false,
    },
    sampling: {
      // Kimi models fix their sampling: "invalid temperature: only 1 is allowed for this model", a 400.
      allowed: false,
    },
    json: {
      withTools: false,
    },
    reasoning: {
      request: "thinking-type",
      efforts: [],
      // "reasoning_content is missing in assistant tool call message": a 400 without it.
      required: "tool-turns",
      thinkTags: false,
    },
    caching: {
      keyField: "prompt_cache_key",
    },
  },
  zai: {
    tools: {
      parallelCalls: false,
    },
    toolChoice: {
      // "Only auto is supported": API reference of Z.ai.
      any: "auto",
      named: "auto",
      none: "omit-tools",
    },
    sampling: {
      temperatureRange: [0, 1],
      topPRange: [0.01, 1],
      // A list of one: API reference of BigModel.
      maxStops: 1,
    },
    json: {
      format: "json_object",
    },
    reasoning: {
      request: "thinking-type",
      efforts: [],
      // Otherwise the reasoning of earlier turns, though it comes back, is thrown away: Z.ai's guide on thinking modes.
      on: { type: "enabled", clear_thinking: false },
      thinkTags: false,
    },
    web: {
      // `tools` in the reference of Z.ai's chat completions.
      search: "search-tool",
    },
    usage: {
      // Not a parameter of its API; usage comes unasked.
      inStream: false,
    },
  },
  qwen: {
    toolChoice: {
      // Takes auto, none and a name, the name only while the model does not think: DashScope's guide on functions.
      any: "auto",
      forcedWithReasoning: false,
    },
    sampling: {
      topK: true,
    },
    reasoning: {
      request: "enable-thinking",
      budgetField: "thinking_budget",
      thinkTags: false,
    },
    caching: {
      marks: true,
    },
    web: {
      // The one model that searches in every region: DashScope's guide on web search.
      searchModel: "qwen3-max",
    },
  },
  minimax: {
    request: {
      // `max_tokens` is deprecated: API reference.
      maxTokensField: "max_completion_tokens",
    },
    tools: {
      parallelCalls: false,
    },
    toolChoice: {
      any: "omit",
      named: "auto",
      none: "omit-tools",
    },
    sampling: {
      // (0, 1]
      temperatureRange: [0.01, 1],
      topPRange: [0.01, 1],
    },
    json: {
      format: "none",
    },
    reasoning: {
      // Otherwise reasoning comes as <think> tags inside the text.
      extras: { reasoning_split: true },
      replay: "reasoning_details",
    },
  },
} as const satisfies Record<string, QuirkChanges>;

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
  return name === "generic" ? careful : { ...changeQuirks(careful, rows[name]), name };
}

/** What one model of a backend does otherwise than the rest, by the row's name and the model's. */
const models: readonly (readonly [row: RegExp, model: RegExp, QuirkChanges])[] = [
  [
    // OpenAI's reasoning models refuse sampling and stop sequences, and take `developer` for `system`.
    /^(openai|azure)$/,
    /^(o\d|gpt-[5-9])(?!.*-chat)/i,
    {
      messages: { systemRole: "developer", midSystem: "developer" },
      sampling: { allowed: false, maxStops: 0 },
      reasoning: { request: "effort" },
    },
  ],
  // Source: OpenAI's reasoning guide; o-series and gpt-5 cannot be switched off, only turned down.
  [/^(openai|azure)$/, /^o\d/i, { reasoning: { off: "low" } }],
  [
    /^(openai|azure)$/,
    /^gpt-5(-(mini|nano))?(-\d|$)/i,
    { reasoning: { efforts: ["minimal", "low", "medium", "high"], off: "minimal" } },
  ],
  [
    /^(openai|azure)$/,
    /^gpt-(5\.|[6-9])/i,
    { reasoning: { efforts: ["low", "medium", "high", "xhigh"], off: "none" } },
  ],
  // From here on chat completions refuse function tools beside reasoning.
  [/^(openai|azure)$/, /^gpt-(5\.([6-9]|\d\d)|[6-9])/i, { reasoning: { withTools: false } }],
  [
    /^xai$/,
    /^grok-(4\.3|3-mini)/i,
    { sampling: { maxStops: 0 }, reasoning: { request: "effort", efforts: ["low", "high"], off: "low" } },
  ],
  [/^gemini$/, /gemini-2\.5/i, { reasoning: { budgetField: "thinking_budget" } }],
  [/^gemini$/, /gemini-2\.5-flash/i, { reasoning: { off: "none" } }],
  [/^mistral$/, /^magistral/i, { reasoning: { extras: { prompt_mode: "reasoning" } } }],
  // Silent unless they are asked to reason, and that by an effort: the catalogue of models in `@ai-sdk/mistral`.
  [
    /^mistral$/,
    /^(mistral-small-(latest|2603)|mistral-medium(-latest|-2604|-3([.-]5)?)?|magistral-\w+-latest)$/i,
    { reasoning: { request: "effort", efforts: ["high"], off: "none", extras: {} } },
  ],
  [/^mistral$/, /^mistral-large-4/i, { reasoning: { request: "effort", off: "low" } }],
  [
    /^groq$/,
    /gpt-oss/i,
    { reasoning: { request: "effort", off: "low", extras: { reasoning_format: "parsed" } } },
  ],
  [
    /^groq$/,
    /qwen-?3/i,
    { reasoning: { request: "effort", efforts: [], off: "none", extras: { reasoning_format: "parsed" } } },
  ],
  [
    /^moonshot$/,
    /kimi-k3/i,
    { reasoning: { request: "effort", efforts: ["low", "high", "max"], off: "low" } },
  ],
  // Otherwise the reasoning of earlier turns is thrown away: `reasoningHistory` in `@ai-sdk/moonshotai`.
  [/^moonshot$/, /kimi-k2\.6/i, { reasoning: { on: { type: "enabled", keep: "all" } } }],
  [/^moonshot$/, /kimi-k2\.7-code/i, { reasoning: { request: "none" } }],
  [/^zai$/, /^glm-(5\.[2-9]|[6-9])/i, { reasoning: { efforts: ["low", "high", "max"] } }],
  [/^zai$/, /^glm-5\.3/i, { reasoning: { off: "low" } }],
  [/^minimax$/, /m3/i, { reasoning: { request: "thinking-type", efforts: [], on: { type: "adaptive" } } }],
  // "Argument not supported on this model", a 400 of those that reason.
  [/^xai$/, /^grok-(?!.*non-reasoning)(3-mini|4|code)/i, { sampling: { maxStops: 0 } }],
  // The list of models with structured outputs in Groq's guide.
  [/^groq$/, /gpt-oss|llama-4|kimi-k2/i, { json: { format: "json_schema" } }],
  // Always think, so that nothing can be forced.
  [/^moonshot$/, /kimi-(k3|k2\.7-code|k2-thinking)/i, { toolChoice: { any: "auto", named: "auto" } }],
  // Before Kimi; temperatures up to 1.
  [/^moonshot$/, /^moonshot-v1/i, { sampling: { allowed: true, temperatureRange: [0, 1] } }],
  // Arguments come as they are written; from 4.6 on, otherwise one late chunk: Z.ai's guide on tool streaming.
  [/^zai$/, /^glm-(4\.[6-9]|[5-9])/i, { tools: { extras: { tool_stream: true } } }],
  // Takes `response_format`, which M1 and M2 do not.
  [/^minimax$/, /m3/i, { json: { format: "json_object" } }],
  // "Model incompatible request argument supplied: temperature", a 400.
  [
    /^openai$/,
    /-search-(preview|api)/i,
    {
      sampling: { allowed: false, maxStops: 0 },
      reasoning: { request: "none" },
      web: { search: "search-options" },
    },
  ],
  [/^groq$/, /compound/i, { web: { search: "search-settings" } }],
  // "This model does not support enable_search", a 400 of others.
  [/^qwen$/, /^qwen3-max/i, { web: { search: "enable-search" } }],
  // Perplexity's models.
  [/^generic$/, /^sonar/i, { web: { search: "domain-filter" } }],
  // OpenRouter hands the request on to OpenAI, with OpenAI's limit.
  [/^openrouter$/, /^~?openai\//i, { tools: { max: 128 } }],
  // OpenRouter hands explicit cache marks to the hosts that know them, and others may stumble over parts.
  [/^openrouter$/, /^~?(anthropic|google|qwen)\//i, { caching: { marks: true } }],
  // "When set at the top level, the system automatically applies cache breakpoints … Currently supported for Anthropic
  // Claude models": AnthropicCacheControlDirective in OpenRouter's reference.
  [/^openrouter$/, /^~?anthropic\//i, { caching: { automatic: true } }],
];

export function quirksForModel(quirks: Quirks, model: string): Quirks {
  const matching = models.filter(([row, name]) => row.test(quirks.name) && name.test(model));
  return changeQuirks(quirks, ...matching.map(([, , changes]) => changes));
}
