import type { KnownBackend } from "./known-backend.ts";

export const groq = {
  name: "groq",
  hosts: [/^api\.groq\.com$/],
  quirks: {
    request: {
      // `max_tokens` is deprecated: API reference.
      maxTokensField: "max_completion_tokens",
    },
    tools: { strict: true },
    json: {
      // Only a few models take schemas; see the models below.
      format: "json_object",
      // "json mode cannot be combined with tool/function calling", a 400.
      withTools: false,
    },
    reasoning: { replay: "reasoning" },
    web: {
      // Groq's guide on compound systems.
      searchModel: "groq/compound",
    },
  },
  models: [
    [
      /gpt-oss/i,
      {
        reasoning: {
          effort: { reasoning_effort: "{effort}" },
          off: { reasoning_effort: "low" },
          extras: { reasoning_format: "parsed" },
        },
      },
    ],
    [
      /qwen-?3/i,
      { reasoning: { off: { reasoning_effort: "none" }, extras: { reasoning_format: "parsed" } } },
    ],
    // Groq's SDK: 3.8 takes efforts as well.
    [/qwen3\.8/i, { reasoning: { effort: { reasoning_effort: "{effort}" } } }],
    // The list of models with structured outputs in Groq's guide.
    [/gpt-oss|llama-4|kimi-k2/i, { json: { format: "json_schema" } }],
    [/compound/i, { web: { search: "search-settings" } }],
  ],
  readme: { title: "Groq", baseUrl: "https://api.groq.com/openai/v1", model: "openai/gpt-oss-120b" },
} as const satisfies KnownBackend;
