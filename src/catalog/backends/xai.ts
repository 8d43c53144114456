import type { KnownBackend } from "./known-backend.ts";

export const xai = {
  name: "xai",
  hosts: [/^api\.x\.ai$/],
  quirks: {
    // Chat completions are deprecated, and lose the model's reasoning between requests: xAI's guide on best practices.
    request: { protocol: "responses", maxTokensField: "max_completion_tokens" },
    tools: { strict: true },
    reasoning: {
      replay: "none",
      // No search here: "Live search is deprecated. Please switch to the Agent Tools API", a 410 to `search_parameters`.
      thinkTags: false,
    },
    caching: {
      // Routes the requests of a conversation to the server that has it cached: xAI's guide on prompt caching.
      keyField: "prompt_cache_key",
    },
    usage: {
      // `completion_tokens` leaves reasoning out.
      reasoning: "excluded",
    },
  },
  models: [
    // Source: `@ai-sdk/xai`; 4.20 has no choice of effort.
    [
      /^grok-(4\.3|latest)/i,
      {
        reasoning: {
          effort: { reasoning_effort: "{effort}" },
          efforts: ["low", "medium", "high"],
          off: { reasoning_effort: "none" },
        },
      },
    ],
    [
      /^grok-(4\.[5-9](?!\d)|[5-9])/i,
      {
        reasoning: {
          effort: { reasoning_effort: "{effort}" },
          efforts: ["low", "medium", "high"],
          off: { reasoning_effort: "low" },
        },
      },
    ],
    [/^grok-4\.6(?!\d)/i, { reasoning: { efforts: ["low", "medium", "high", "xhigh"] } }],
    // "Argument not supported on this model", a 400 from models that reason.
    [/^grok-(?!.*non-reasoning)([4-9]|latest|code)/i, { sampling: { maxStops: 0 } }],
  ],
  // Search is among the tools of `/responses` only: xAI's guide on web search.
  responses: { quirks: { web: { search: "server-tool" } }, models: [] },
  readme: { title: "xAI", baseUrl: "https://api.x.ai/v1", model: "grok-4.7" },
} as const satisfies KnownBackend;
