import { switchedApi } from "../native-apis.ts";
import type { KnownBackend } from "./known-backend.ts";

export const qwen = {
  name: "qwen",
  // Also the coding and token plans.
  hosts: [/(^|[.-])dashscope[\w-]*\.aliyuncs\.com$/, /\.maas\.aliyuncs\.com$/],
  quirks: {
    toolChoice: {
      // Accepts auto, none and a name, the name only without reasoning: DashScope's guide on functions.
      any: "auto",
      forcedWithReasoning: false,
    },
    sampling: { topK: true },
    json: {
      // Only later models take schemas; see the models below.
      format: "json_object",
    },
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
    // Otherwise the reasoning of earlier turns does not count: `@ai-sdk/alibaba`.
    [
      /^(qwen3\.(6-(plus|max)|[7-9])|kimi-k2\.7-code)/i,
      { reasoning: { extras: { preserve_thinking: true } } },
    ],
    [/^qwen3\.[7-9]/i, { json: { format: "json_schema" } }],
    // "The value of the enable_thinking parameter is restricted to True", a 400.
    [/-thinking|^qwq|^qvq/i, { reasoning: { off: {} } }],
    // Alibaba's guide on DeepSeek: high and max.
    [
      /^deepseek-v4/i,
      { reasoning: { effort: { reasoning_effort: "{effort}" }, efforts: ["high", "max"], budget: {} } },
    ],
    // "This model does not support enable_search", a 400 from other models.
    [/^qwen3-max/i, { web: { search: "enable-search" } }],
  ],
  native: { path: "/apps/anthropic", quirks: switchedApi },
  readme: {
    title: "Alibaba (Qwen)",
    baseUrl: "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
    model: "qwen3-max",
  },
} as const satisfies KnownBackend;
