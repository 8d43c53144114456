import { cacheBreakpoints, openaiModels, responsesEfforts, responsesModels } from "../openai-models.ts";
import { noReasoning } from "../quirks.ts";
import type { KnownBackend } from "./known-backend.ts";

export const openai = {
  name: "openai",
  // With the hosts for data residency: `openai`.
  hosts: [/^((eu|us|ae|au|in|jp)\.|mtls-?\w*\.)?api\.openai\.com$/],
  quirks: {
    request: {
      // `max_tokens` is deprecated, and refused by reasoning models: API reference of chat completions.
      maxTokensField: "max_completion_tokens",
      // `user` is deprecated in favor of it: at most 128 characters.
      userId: "safety_identifier",
      serviceTier: true,
    },
    messages: { midSystem: "system" },
    tools: {
      strict: true,
      // "array too long. Expected an array with maximum length 128", a 400.
      max: 128,
      // "string too long. Expected a string with maximum length 40", a 400.
      callIds: "short",
      // "schema must have type 'object' and not have 'oneOf'/'anyOf'/'allOf' … at the top level", a 400.
      schema: "object-root",
    },
    media: { documents: "file" },
    reasoning: {
      // Chat completions never return reasoning, and refuse unknown fields.
      replay: "none",
      thinkTags: false,
    },
    caching: { keyField: "prompt_cache_key" },
    web: {
      // Only search models search at `/chat/completions`: OpenAI's guide on web search.
      searchModel: "gpt-5-search-api",
    },
  },
  models: [
    ...openaiModels,
    cacheBreakpoints,
    responsesModels,
    // "Model incompatible request argument supplied: temperature", a 400.
    [
      /-search-(preview|api)/i,
      {
        sampling: { allowed: false, maxStops: 0 },
        reasoning: noReasoning,
        web: { search: "search-options" },
      },
    ],
  ],
  // Its guide on web search: a tool beside others there.
  responses: {
    quirks: { web: { search: "server-tool" } },
    models: responsesEfforts,
  },
  readme: { title: "OpenAI", baseUrl: "https://api.openai.com/v1", model: "gpt-5.4" },
} as const satisfies KnownBackend;
