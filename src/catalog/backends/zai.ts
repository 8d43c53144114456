import { switchedApi } from "../native-apis.ts";
import type { KnownBackend } from "./known-backend.ts";

export const zai = {
  name: "zai",
  hosts: [/^api\.z\.ai$/, /^open\.bigmodel\.cn$/],
  quirks: {
    tools: { parallelCalls: false },
    toolChoice: {
      // "Only auto is supported": API reference of Z.ai.
      any: "auto",
      named: "auto",
      none: "omit-tools",
    },
    sampling: {
      temperatureRange: [0, 1],
      topPRange: [0.01, 1],
      // A list of one: API reference of BigModel.
      maxStops: 1,
    },
    json: { format: "json_object" },
    reasoning: {
      // Otherwise the reasoning of earlier turns is dropped, even if it is sent back: Z.ai's guide on thinking modes.
      on: { thinking: { type: "enabled", clear_thinking: false } },
      off: { thinking: { type: "disabled" } },
      thinkTags: false,
    },
    web: {
      // `tools` in the reference of Z.ai's chat completions.
      search: "search-tool",
    },
    usage: {
      // Not a parameter of its API; usage comes without asking.
      inStream: false,
    },
    errors: {
      // Business codes, which come with various statuses: Z.ai's list of error codes.
      codes: {
        "1113": "billing",
        "1261": "prompt-too-long",
        "1301": "invalid-request",
        "1302": "rate-limit",
        "1303": "rate-limit",
        "1305": "rate-limit",
      },
    },
  },
  models: [
    [
      /^glm-(5\.[2-9]|[6-9])/i,
      { reasoning: { effort: { reasoning_effort: "{effort}" }, efforts: ["low", "high", "max"] } },
    ],
    [/^glm-5\.3/i, { reasoning: { off: { reasoning_effort: "low" } } }],
    // Streams arguments as they are written; without it, 4.6 and later send one late chunk: Z.ai's guide on tool
    // streaming.
    [/^glm-(4\.[6-9]|[5-9])/i, { tools: { extras: { tool_stream: true } } }],
  ],
  native: { path: "/api/anthropic", quirks: switchedApi },
  readme: { title: "Z.ai (GLM)", baseUrl: "https://api.z.ai/api/paas/v4", model: "glm-4.7" },
} as const satisfies KnownBackend;
