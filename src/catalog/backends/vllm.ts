import type { KnownBackend } from "./known-backend.ts";

export const vllm = {
  name: "vllm",
  hosts: [/^(localhost|127\.0\.0\.1|\[::1\]):8000$/],
  quirks: {
    messages: {
      // Older chat templates fail on null.
      emptyAssistantContent: "",
      // Otherwise the template closes the message and opens another one.
      prefill: "continue-final-message",
    },
    sampling: { topK: true, maxStops: Number.POSITIVE_INFINITY },
    reasoning: {
      request: "template-kwargs",
      off: "none",
      budgetField: "thinking_token_budget",
      replay: "reasoning",
    },
  },
  models: [],
  readme: { title: "vLLM", baseUrl: "http://localhost:8000/v1", model: "Qwen/Qwen3-8B" },
} as const satisfies KnownBackend;
