import { mistralTokenizer } from "../model-families.ts";
import { plainApi } from "../native-apis.ts";
import { reasoningEfforts } from "../quirks.ts";
import type { KnownBackend } from "./known-backend.ts";

export const vllm = {
  name: "vllm",
  hosts: [/^(vllm)(:\d+)?$/],
  port: 8000,
  quirks: {
    // A request ends with its connection, whatever its form; vllm-project/vllm#32442.
    request: { wholeAnswers: true },
    messages: {
      // Older chat templates fail on null.
      emptyAssistantContent: "",
      // Otherwise the template closes the message and opens another one.
      prefill: "continue-final-message",
    },
    tools: { grammar: true },
    sampling: {
      topK: true,
      // Matched in the raw text, reasoning and calls included; vLLM's detokenizer.
      maxStops: 0,
    },
    reasoning: {
      on: { chat_template_kwargs: { enable_thinking: true } },
      off: { chat_template_kwargs: { enable_thinking: false }, reasoning_effort: "none" },
      effort: { reasoning_effort: "{effort}" },
      // ChatCompletionRequest in vLLM.
      efforts: reasoningEfforts,
      budget: { thinking_token_budget: "{budget}" },
      replay: "reasoning",
    },
  },
  says: { ownedBy: /^vllm$/i },
  models: [
    mistralTokenizer,
    // "chat_template is not supported for Mistral tokenizers", a 400 to its arguments as well.
    [mistralTokenizer[0], { reasoning: { on: {}, off: { reasoning_effort: "none" } } }],
  ],
  contextSetting: "--max-model-len 65536",
  native: { path: "", quirks: { ...plainApi, countsTokens: true } },
  readme: { title: "vLLM", baseUrl: "http://localhost:8000/v1", model: "Qwen/Qwen3-8B" },
} as const satisfies KnownBackend;
