import { plainApi } from "../native-apis.ts";
import { reasoningEfforts } from "../quirks.ts";
import type { KnownBackend } from "./known-backend.ts";

export const ollama = {
  name: "ollama",
  hosts: [/^(ollama)(:\d+)?$/],
  port: 11434,
  quirks: {
    // "If you abort the request Ollama will stop generation"; ollama/ollama#2876.
    request: { wholeAnswers: true },
    tools: { parallelCalls: false, grammar: true },
    toolChoice: {
      // Ignored: docs/openai of Ollama lists `tool_choice` as not supported, and knows no `parallel_tool_calls`.
      any: "omit",
      named: "auto",
      none: "omit-tools",
    },
    media: { imageUrls: false },
    // Its runner matches them in the raw text, reasoning and calls included.
    sampling: { maxStops: 0 },
    reasoning: {
      effort: { reasoning_effort: "{effort}" },
      efforts: reasoningEfforts,
      off: { reasoning_effort: "none" },
      replay: "reasoning",
    },
  },
  says: { ownedBy: /^library$/i },
  models: [],
  contextSetting: "OLLAMA_CONTEXT_LENGTH=65536",
  native: { path: "", quirks: plainApi },
  readme: { title: "Ollama", baseUrl: "http://localhost:11434/v1", model: "qwen3-coder" },
} as const satisfies KnownBackend;
