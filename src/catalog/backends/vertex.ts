import { gemini } from "./gemini.ts";
import type { KnownBackend } from "./known-backend.ts";

export const vertex = {
  name: "vertex",
  hosts: [/^([\w-]+-)?aiplatform\.googleapis\.com$/],
  // The dialect of Gemini's own endpoint, with names such as `google/gemini-…`; the key is an OAuth access token.
  quirks: gemini.quirks,
  models: [
    ...gemini.models,
    // Models of others, served as they are.
    [
      /^(?!google\/)[\w.-]+\//i,
      {
        tools: { schema: "plain" },
        reasoning: {
          on: {},
          off: {},
          effort: { reasoning_effort: "{effort}" },
          budget: {},
          replay: "reasoning_content",
        },
        usage: { reasoning: "included" },
      },
    ],
  ],
  readme: {
    title: "Vertex AI",
    baseUrl:
      "https://LOCATION-aiplatform.googleapis.com/v1/projects/PROJECT/locations/LOCATION/endpoints/openapi",
    model: "google/gemini-3.5-flash",
  },
} as const satisfies KnownBackend;
