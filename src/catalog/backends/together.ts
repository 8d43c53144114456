import { mistralTokenizer } from "../model-families.ts";
import type { KnownBackend } from "./known-backend.ts";

export const together = {
  name: "together",
  hosts: [/^api\.together\.(xyz|ai)$/],
  // Source: the SDK `together-ai` and Together's guide on reasoning.
  quirks: {
    sampling: { topK: true },
    reasoning: {
      on: { reasoning: { enabled: true } },
      off: { reasoning: { enabled: false } },
      effort: { reasoning_effort: "{effort}" },
      replay: "reasoning",
    },
  },
  models: [
    mistralTokenizer,
    [/^glm-5\.3/i, { reasoning: { efforts: ["low", "medium", "high", "max"] } }],
    // It always reasons.
    [/^gpt-oss/i, { reasoning: { on: {}, off: { reasoning_effort: "low" } } }],
  ],
  readme: { title: "Together", baseUrl: "https://api.together.ai/v1", model: "openai/gpt-oss-120b" },
} as const satisfies KnownBackend;
