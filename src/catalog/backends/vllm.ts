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
    sampling: {
      topK: true,
      // Matched in the raw text, reasoning and calls included; vLLM's detokenizer.
      maxStops: 0,
    },
    reasoning: {
      on: { chat_template_kwargs: { enable_thinking: true } },
      off: { chat_template_kwargs: { enable_thinking: false }, reasoning_effort: "none" },
      effort: { reasoning_effort: "{effort}" },
      budget: { thinking_token_budget: "{budget}" },
      replay: "reasoning",
    },
  },
  models: [],
  readme: { title: "vLLM", baseUrl: "http://localhost:8000/v1", model: "Qwen/Qwen3-8B" },
} as const satisfies KnownBackend;
