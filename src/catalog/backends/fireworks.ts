import { mistralTokenizer } from "../model-families.ts";
import type { KnownBackend } from "./known-backend.ts";

export const fireworks = {
  name: "fireworks",
  hosts: [/^api\.fireworks\.ai$/],
  // Source: `@ai-sdk/fireworks`; an effort and `thinking` exclude each other.
  quirks: {
    request: { userId: "user" },
    tools: { grammar: true },
    sampling: { topK: true },
    reasoning: {
      effort: { reasoning_effort: "{effort}" },
      off: { reasoning_effort: "none" },
    },
    caching: { keyField: "prompt_cache_key" },
  },
  models: [mistralTokenizer, [/^gpt-oss/i, { reasoning: { off: { reasoning_effort: "low" } } }]],
  readme: {
    title: "Fireworks",
    baseUrl: "https://api.fireworks.ai/inference/v1",
    model: "accounts/fireworks/models/gpt-oss-120b",
  },
} as const satisfies KnownBackend;
