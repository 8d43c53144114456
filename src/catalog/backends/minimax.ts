import type { KnownBackend } from "./known-backend.ts";

export const minimax = {
  name: "minimax",
  hosts: [/^api\.minimaxi?\.(io|com)$/],
  quirks: {
    request: {
      // `max_tokens` is deprecated: API reference.
      maxTokensField: "max_completion_tokens",
    },
    tools: { parallelCalls: false },
    toolChoice: { any: "omit", named: "auto", none: "omit-tools" },
    sampling: {
      // (0, 1]
      temperatureRange: [0.01, 1],
      topPRange: [0.01, 1],
    },
    json: { format: "none" },
    reasoning: {
      // Otherwise reasoning comes as <think> tags inside the text.
      extras: { reasoning_split: true },
      replay: "reasoning_details",
    },
  },
  models: [
    [/m3/i, { reasoning: { request: "thinking-type", efforts: [], on: { type: "adaptive" } } }],
    // Takes `response_format`, which M1 and M2 do not.
    [/m3/i, { json: { format: "json_object" } }],
  ],
  readme: { title: "MiniMax", baseUrl: "https://api.minimax.io/v1", model: "MiniMax-M2.5" },
} as const satisfies KnownBackend;
