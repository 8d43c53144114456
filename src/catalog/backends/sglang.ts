import { mistralTokenizer } from "../model-families.ts";
import { plainApi } from "../native-apis.ts";
import { reasoningEfforts } from "../quirks.ts";
import type { KnownBackend } from "./known-backend.ts";

export const sglang = {
  name: "sglang",
  hosts: [/^sglang(:\d+)?$/],
  port: 30_000,
  says: { ownedBy: /^sglang$/i },
  // Source: ChatCompletionRequest in SGLang.
  quirks: {
    // It asks whether the client is still there while it generates a whole answer; sgl-project/sglang#20623.
    request: { anyModelName: true, wholeAnswers: true },
    messages: { emptyAssistantContent: "", prefill: "continue-final-message" },
    tools: { grammar: true },
    sampling: {
      topK: true,
      // Matched in the raw text, reasoning and calls included.
      maxStops: 0,
    },
    reasoning: {
      on: { chat_template_kwargs: { enable_thinking: true, thinking: true } },
      off: {
        chat_template_kwargs: { enable_thinking: false, thinking: false },
        reasoning_effort: "none",
      },
      effort: { reasoning_effort: "{effort}" },
      efforts: reasoningEfforts,
      // `reasoning` is dropped.
      replay: "reasoning_content",
    },
  },
  models: [mistralTokenizer],
  contextSetting: "--context-length 65536",
  native: { path: "", quirks: plainApi },
  readme: { title: "SGLang", baseUrl: "http://localhost:30000/v1", model: "Qwen/Qwen3-8B" },
} as const satisfies KnownBackend;
