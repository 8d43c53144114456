import { switchedApi } from "../native-apis.ts";
import type { KnownBackend } from "./known-backend.ts";

export const deepseek = {
  name: "deepseek",
  hosts: [/^api\.deepseek\.com$/],
  quirks: {
    messages: { emptyAssistantContent: "" },
    toolChoice: {
      // "Thinking mode does not support this tool_choice", a 400.
      forcedWithReasoning: false,
    },
    sampling: {
      // "Up to 16 sequences": API reference.
      maxStops: 16,
    },
    json: {
      // "This response_format type is unavailable now", a 400 to schemas.
      format: "json_object",
    },
    reasoning: {
      on: { thinking: { type: "enabled" } },
      off: { thinking: { type: "disabled" } },
      effort: { reasoning_effort: "{effort}" },
      efforts: ["low", "high", "max"],
      // "The reasoning_content in the thinking mode must be passed back to the API": a 400 without it.
      required: "every-turn",
      thinkTags: false,
    },
  },
  models: [],
  // "output_config: effort is supported", as high or max; "budget_tokens is ignored": its guide to the Anthropic API.
  native: { path: "/anthropic", quirks: { ...switchedApi, efforts: ["high", "max"] } },
  readme: { title: "DeepSeek", baseUrl: "https://api.deepseek.com", model: "deepseek-v4-pro" },
} as const satisfies KnownBackend;
