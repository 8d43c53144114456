import { resoldApi } from "../native-apis.ts";
import { reasoningEfforts } from "../quirks.ts";
import type { KnownBackend } from "./known-backend.ts";

export const openrouter = {
  name: "openrouter",
  hosts: [/(^|\.)openrouter\.ai$/],
  quirks: {
    request: {
      userId: "user",
      serviceTier: true,
      // "'models' array must have 3 items or fewer", a 400.
      maxModels: 3,
    },
    tools: {
      strict: true,
      // Claude and GPT behind it refuse branches at the root of a tool's schema.
      schema: "object-root",
    },
    media: {
      // Tool messages may contain parts: OpenRouter's ToolResponseMessage schema.
      toolResultImages: "in-place",
      // The file-parser plugin reads PDFs for models that cannot; `file_data` may be a URL.
      documents: "file",
      documentUrls: true,
    },
    sampling: {
      // Hosts without it drop it silently; the model list says which models have it.
      topK: true,
    },
    reasoning: {
      on: { reasoning: { enabled: true } },
      off: { reasoning: { effort: "none" } },
      effort: { reasoning: { effort: "{effort}" } },
      budget: { reasoning: { max_tokens: "{budget}" } },
      efforts: reasoningEfforts,
      // Unmodified and in order: OpenRouter's guide on preserving reasoning.
      replay: "reasoning_details",
      thinkTags: false,
    },
    caching: { keyField: "session_id" },
    web: {
      // Its plugin `web` is deprecated in favor of it: OpenRouter's guide on server tools.
      search: "server-tool",
      fetch: true,
      serverToolPrefix: "openrouter:",
    },
  },
  models: [
    // OpenRouter passes the request on to OpenAI's `/responses`, with OpenAI's limits: "Invalid 'max_output_tokens' …
    // Expected a value >= 16", a 400.
    [/^~?openai\//i, { request: { minTokens: 16 }, tools: { max: 128 } }],
    // OpenRouter passes explicit cache marks on to the hosts that know them; others may fail on parts.
    [/^~?(anthropic|google|qwen)\//i, { caching: { marks: true } }],
    // "When set at the top level, the system automatically applies cache breakpoints … Currently supported for Anthropic
    // Claude models": AnthropicCacheControlDirective in OpenRouter's reference.
    [/^~?anthropic\//i, { caching: { automatic: true } }],
  ],
  native: { path: "/api", quirks: resoldApi },
  readme: { title: "OpenRouter", baseUrl: "https://openrouter.ai/api/v1", model: "openai/gpt-5.4" },
} as const satisfies KnownBackend;
