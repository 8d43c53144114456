import type { KnownBackend } from "./known-backend.ts";

export const cerebras = {
  name: "cerebras",
  hosts: [/^api\.cerebras\.ai$/],
  // Source: `@cerebras/cerebras_cloud_sdk`.
  quirks: {
    request: { maxTokensField: "max_completion_tokens", userId: "user" },
    tools: { strict: true },
    reasoning: {
      effort: { reasoning_effort: "{effort}" },
      off: { reasoning_effort: "none" },
      // "property 'messages.2.assistant.reasoning_content' is unsupported", a 400 in every second turn.
      replay: "reasoning",
    },
    caching: { keyField: "prompt_cache_key" },
  },
  models: [[/^gpt-oss/i, { reasoning: { off: { reasoning_effort: "low" } } }]],
  readme: { title: "Cerebras", baseUrl: "https://api.cerebras.ai/v1", model: "zai-glm-4.7" },
} as const satisfies KnownBackend;
