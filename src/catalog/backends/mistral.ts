import type { KnownBackend } from "./known-backend.ts";

export const mistral = {
  name: "mistral",
  hosts: [/^api\.mistral\.ai$/],
  quirks: {
    messages: {
      emptyAssistantContent: "",
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
    reasoning: { replay: "thinking-part", thinkTags: false },
    caching: { keyField: "prompt_cache_key" },
    usage: {
      // Unknown fields are a 422, `stream_options` among them; usage comes without asking.
      inStream: false,
    },
  },
  models: [
    [/^magistral/i, { reasoning: { extras: { prompt_mode: "reasoning" } } }],
    // They reason only if asked to, and by an effort: the list of models in `@ai-sdk/mistral`.
    [
      /^(mistral-small-(latest|2603)|mistral-medium(-latest|-2604|-3([.-]5)?)?|magistral-\w+-latest)$/i,
      {
        reasoning: {
          effort: { reasoning_effort: "{effort}" },
          efforts: ["high"],
          off: { reasoning_effort: "none" },
          extras: {},
        },
      },
    ],
    [
      /^mistral-large-4/i,
      { reasoning: { effort: { reasoning_effort: "{effort}" }, off: { reasoning_effort: "low" } } },
    ],
  ],
  readme: { title: "Mistral", baseUrl: "https://api.mistral.ai/v1", model: "mistral-large-latest" },
} as const satisfies KnownBackend;
