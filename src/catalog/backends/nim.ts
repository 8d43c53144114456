import { mistralTokenizer } from "../model-families.ts";
import type { KnownBackend } from "./known-backend.ts";

export const nim = {
  name: "nim",
  hosts: [/^integrate\.api\.nvidia\.com$/],
  quirks: {
    // "Validation: Unsupported parameter(s): …", a 400: each model has a list of its own.
    tools: { parallelCalls: false, grammar: true },
    messages: { emptyAssistantContent: "" },
    reasoning: { replay: "reasoning_content" },
  },
  models: [
    mistralTokenizer,
    // Think only if asked to, each in its own way: NVIDIA's pages of the models.
    [/^(gpt-oss|kimi|deepseek)/i, { reasoning: { effort: { reasoning_effort: "{effort}" } } }],
    [
      /^(deepseek|kimi)/i,
      {
        reasoning: {
          on: { chat_template_kwargs: { thinking: true } },
          off: { chat_template_kwargs: { thinking: false } },
        },
      },
    ],
    [
      /^(glm|qwen)/i,
      {
        reasoning: {
          on: { chat_template_kwargs: { enable_thinking: true, clear_thinking: false } },
          off: { chat_template_kwargs: { enable_thinking: false } },
        },
      },
    ],
    [/^gpt-oss/i, { reasoning: { off: { reasoning_effort: "low" } } }],
  ],
  readme: {
    title: "NVIDIA NIM",
    baseUrl: "https://integrate.api.nvidia.com/v1",
    model: "openai/gpt-oss-120b",
  },
} as const satisfies KnownBackend;
