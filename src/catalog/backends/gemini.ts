import type { KnownBackend } from "./known-backend.ts";

export const gemini = {
  name: "gemini",
  hosts: [/^generativelanguage\.googleapis\.com$/],
  quirks: {
    tools: {
      // Ignored: several calls come all the same.
      parallelCalls: false,
      // Its schemas are messages with fixed fields; an unknown one is a 400: Schema in the Gemini API reference.
      schema: "openapi",
    },
    media: {
      // The compatible endpoint reads only data URLs.
      imageUrls: false,
      // Its models read PDFs; if the compatible endpoint refuses the part, the text is sent instead.
      documents: "file",
    },
    reasoning: {
      // The only way to see thoughts.
      on: { extra_body: { google: { thinking_config: { include_thoughts: true } } } },
      effort: {
        extra_body: { google: { thinking_config: { include_thoughts: true, thinking_level: "{effort}" } } },
      },
      efforts: ["low", "medium", "high"],
      off: { reasoning_effort: "low" },
      // Gemini 3 answers 400 to a call that comes back without its signature.
      replay: "thought-signature",
    },
    usage: {
      // Reasoning tokens appear only as total − prompt − completion.
      reasoning: "in-total",
    },
  },
  models: [
    // Flash takes `minimal`, which is nearly none; Pro refuses it: ThinkingLevel in Google's reference.
    [
      /gemini-(3|[4-9]|\d\d)\b.*flash/i,
      {
        reasoning: {
          efforts: ["minimal", "low", "medium", "high"],
          off: { reasoning_effort: "minimal" },
        },
      },
    ],
    [
      /gemini-2\.5/i,
      {
        reasoning: {
          effort: {},
          budget: {
            extra_body: {
              google: { thinking_config: { include_thoughts: true, thinking_budget: "{budget}" } },
            },
          },
          // Google's own translation of efforts.
          budgetOf: { low: 1024, medium: 8192, high: 24_576, xhigh: 24_576, max: 24_576 },
        },
      },
    ],
    [/gemini-2\.5-flash/i, { reasoning: { off: { reasoning_effort: "none" } } }],
  ],
  readme: {
    title: "Gemini",
    baseUrl: "https://generativelanguage.googleapis.com/v1beta/openai",
    model: "gemini-3-pro",
  },
} as const satisfies KnownBackend;
