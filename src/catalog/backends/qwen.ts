import type { KnownBackend } from "./known-backend.ts";

export const qwen = {
  name: "qwen",
  hosts: [/^dashscope[\w-]*\.aliyuncs\.com$/],
  quirks: {
    toolChoice: {
      // Accepts auto, none and a name, the name only without reasoning: DashScope's guide on functions.
      any: "auto",
      forcedWithReasoning: false,
    },
    sampling: { topK: true },
    reasoning: {
      on: { enable_thinking: true },
      off: { enable_thinking: false },
      budget: { thinking_budget: "{budget}" },
      thinkTags: false,
    },
    caching: { marks: true },
    web: {
      // The one model that searches in every region: DashScope's guide on web search.
      searchModel: "qwen3-max",
    },
  },
  models: [
    // "This model does not support enable_search", a 400 from other models.
    [/^qwen3-max/i, { web: { search: "enable-search" } }],
  ],
  readme: {
    title: "Alibaba (Qwen)",
    baseUrl: "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
    model: "qwen3-max",
  },
} as const satisfies KnownBackend;
