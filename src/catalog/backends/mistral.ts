import { noReasoning } from "../quirks.ts";
import type { KnownBackend } from "./known-backend.ts";

export const mistral = {
  name: "mistral",
  hosts: [/^api\.mistral\.ai$/],
  quirks: {
    messages: {
      emptyAssistantContent: "",
      // "Unexpected role 'user' after role 'tool'", a 400.
      userAfterTool: false,
      // "Expected last role User or Tool … but got assistant", a 400 without the mark; the answer then repeats it.
      prefill: "prefix",
      repeatsPrefill: true,
    },
    tools: {
      // "Tool call id … must be a-z, A-Z, 0-9, with a length of 9", a 400.
      callIds: "nine",
    },
    toolChoice: { any: "any" },
    media: { documents: "document-url", documentUrls: true },
    sampling: {
      // [0, 1.5]: ChatCompletionRequest in Mistral's OpenAPI description.
      temperatureRange: [0, 1.5],
    },
    reasoning: {
      effort: { reasoning_effort: "{effort}" },
      efforts: ["high"],
      off: { reasoning_effort: "none" },
      replay: "thinking-part",
      thinkTags: false,
    },
    caching: { keyField: "prompt_cache_key" },
    usage: {
      // Unknown fields are a 422, `stream_options` among them; usage comes without asking.
      inStream: false,
    },
  },
  // Source: the list of models in `@ai-sdk/mistral`. What it does not name takes `none` and `high`.
  models: [
    [/^magistral-(?!.*-latest)/i, { reasoning: { ...noReasoning, extras: { prompt_mode: "reasoning" } } }],
    [
      /^(codestral|ministral|voxtral|pixtral|open-|mistral-code|mistral-large(?!-4)|mistral-(small|medium)-25)/i,
      { reasoning: noReasoning },
    ],
    // These cannot be switched off.
    [
      /^mistral-large-4/i,
      { reasoning: { efforts: ["low", "medium", "high"], off: { reasoning_effort: "low" } } },
    ],
    [
      /^zai-glm-(5(-3(-flash)?)?|latest)$/i,
      { reasoning: { efforts: ["low", "high", "max"], off: { reasoning_effort: "low" } } },
    ],
  ],
  readme: { title: "Mistral", baseUrl: "https://api.mistral.ai/v1", model: "mistral-medium-latest" },
} as const satisfies KnownBackend;
