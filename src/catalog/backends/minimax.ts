import { switchedApi } from "../native-apis.ts";
import type { KnownBackend } from "./known-backend.ts";

export const minimax = {
  name: "minimax",
  hosts: [/^api\.minimaxi?\.(io|com)$/],
  quirks: {
    request: {
      // `max_tokens` is deprecated: API reference.
      maxTokensField: "max_completion_tokens",
    },
    tools: { parallelCalls: false },
    toolChoice: { any: "omit", named: "auto", none: "omit-tools" },
    sampling: {
      // (0, 1]
      temperatureRange: [0.01, 1],
      topPRange: [0.01, 1],
    },
    json: { format: "none" },
    reasoning: {
      // Otherwise reasoning comes as <think> tags inside the text.
      extras: { reasoning_split: true },
      replay: "reasoning_details",
    },
    errors: {
      // In `base_resp.status_code`, with status 200.
      codes: {
        "1002": "rate-limit",
        "1004": "authentication",
        "1008": "billing",
        "1026": "invalid-request",
        "1027": "invalid-request",
        "1039": "rate-limit",
        "2013": "invalid-request",
      },
    },
  },
  models: [
    [
      /m3/i,
      {
        // Accepts `response_format`, which M1 and M2 do not.
        json: { format: "json_object" },
        reasoning: { on: { thinking: { type: "adaptive" } }, off: { thinking: { type: "disabled" } } },
      },
    ],
    // "requires adaptive thinking", a 400 with code 2013 to `disabled`.
    [/m3\.[1-9]/i, { reasoning: { off: { thinking: { type: "adaptive" } } } }],
  ],
  // "thinking.type: disabled | adaptive": its reference of the endpoint; any other counts as off.
  native: { path: "/anthropic", quirks: { ...switchedApi, thinking: ["adaptive", "disabled"] } },
  readme: { title: "MiniMax", baseUrl: "https://api.minimax.io/v1", model: "MiniMax-M3" },
} as const satisfies KnownBackend;
