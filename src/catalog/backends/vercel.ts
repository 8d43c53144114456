import { modelFamilies } from "../model-families.ts";
import { resoldApi } from "../native-apis.ts";
import { reasoningEfforts } from "../quirks.ts";
import type { KnownBackend } from "./known-backend.ts";

export const vercel = {
  name: "vercel",
  hosts: [/^ai-gateway\.vercel\.sh$/],
  quirks: {
    tools: { schema: "object-root" },
    // Source: the gateway's guide on reasoning; an effort and a number of tokens exclude each other.
    reasoning: {
      on: { reasoning: { enabled: true } },
      off: { reasoning: { effort: "none" } },
      effort: { reasoning: { effort: "{effort}" } },
      budget: { reasoning: { max_tokens: "{budget}" } },
      efforts: reasoningEfforts,
      replay: "reasoning_details",
      thinkTags: false,
    },
  },
  models: [
    ...modelFamilies,
    [/^openai\//i, { tools: { max: 128, callIds: "short" } }],
    // The gateway translates its own field to what each model takes.
    [
      /./,
      {
        reasoning: {
          off: { reasoning: { effort: "none" } },
          effort: { reasoning: { effort: "{effort}" } },
          efforts: reasoningEfforts,
          withTools: true,
        },
      },
    ],
  ],
  native: { path: "", quirks: resoldApi },
  readme: {
    title: "Vercel AI Gateway",
    baseUrl: "https://ai-gateway.vercel.sh/v1",
    model: "anthropic/claude-sonnet-5",
  },
} as const satisfies KnownBackend;
