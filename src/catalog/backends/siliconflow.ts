import type { KnownBackend } from "./known-backend.ts";

export const siliconflow = {
  name: "siliconflow",
  hosts: [/^api\.siliconflow\.(com|cn)$/],
  quirks: { sampling: { topK: true } },
  models: [
    // Others refuse the field: SiliconFlow's reference of chat completions.
    [
      /^(qwen3|glm-(4\.[5-9]|[5-9])|deepseek-v3\.[1-9]|deepseek-v[4-9]|hunyuan-a13b)/i,
      {
        reasoning: {
          on: { enable_thinking: true },
          off: { enable_thinking: false },
          budget: { thinking_budget: "{budget}" },
        },
      },
    ],
  ],
  readme: {
    title: "SiliconFlow",
    baseUrl: "https://api.siliconflow.com/v1",
    model: "Qwen/Qwen3-235B-A22B-Instruct-2507",
  },
} as const satisfies KnownBackend;
