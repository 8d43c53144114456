import { plainApi } from "../native-apis.ts";
import type { KnownBackend } from "./known-backend.ts";

export const llamacpp = {
  name: "llamacpp",
  hosts: [/^(llama-?cpp|llama-?server)(:\d+)?$/],
  port: 8080,
  quirks: {
    messages: {
      emptyAssistantContent: "",
      // "Assistant response prefill is incompatible with enable_thinking", a 400; models think unless told not to.
      prefillWithReasoning: false,
      repeatsPrefill: true,
    },
    // An answer in one piece is generated to its end, whoever has left; ggml-org/llama.cpp#9273 and #24496.
    request: { anyModelName: true, wholeAnswers: false },
    tools: {
      // It makes a grammar of every schema: "failed to parse grammar" for what its translation of patterns does not
      // know, such as \d, and "Unsupported ref".
      patterns: "none",
      grammar: true,
    },
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
  says: { ownedBy: /^llama\.?cpp$/i, server: /^llama\.cpp/i },
  models: [],
  contextSetting: "--ctx-size 65536",
  native: { path: "", quirks: { ...plainApi, countsTokens: true } },
  readme: { title: "llama.cpp", baseUrl: "http://localhost:8080/v1", model: "MODEL" },
} as const satisfies KnownBackend;
