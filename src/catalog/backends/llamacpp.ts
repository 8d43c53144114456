import type { KnownBackend } from "./known-backend.ts";

export const llamacpp = {
  name: "llamacpp",
  hosts: [/^(localhost|127\.0\.0\.1|\[::1\]):8080$/],
  quirks: {
    messages: { emptyAssistantContent: "", repeatsPrefill: true },
    toolChoice: {
      // A choice by name is silently ignored, and `none` brings raw calls as text; measured on llama-server.
      named: "only-tool",
      none: "omit-tools",
    },
    sampling: {
      topK: true,
      // Matched inside reasoning and arguments too, and not named; measured on llama-server.
      maxStops: 0,
    },
    reasoning: {
      on: { chat_template_kwargs: { enable_thinking: true } },
      off: { chat_template_kwargs: { enable_thinking: false }, reasoning_effort: "none" },
      effort: { reasoning_effort: "{effort}" },
      budget: { thinking_budget_tokens: "{budget}" },
    },
  },
  models: [],
  readme: { title: "llama.cpp", baseUrl: "http://localhost:8080/v1", model: "MODEL" },
} as const satisfies KnownBackend;
