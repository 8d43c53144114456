import { plainApi } from "../native-apis.ts";
import { askedReasoning } from "../quirks-for-responses.ts";
import type { KnownBackend } from "./known-backend.ts";

export const lmstudio = {
  name: "lmstudio",
  hosts: [/^(lm-?studio)(:\d+)?$/],
  port: 1234,
  quirks: {
    tools: { parallelCalls: false, patterns: "none", grammar: true },
    toolChoice: {
      // "Invalid tool_choice type: 'object'. Supported string values: none, auto, required", a 400.
      named: "only-tool",
    },
    media: {
      // "'url' field must be a base64 encoded image", a 400.
      imageUrls: false,
    },
    sampling: {
      // Among the supported parameters of its OpenAI endpoint's documentation.
      topK: true,
      // Its engine is llama.cpp, which matches them in the raw text, reasoning and calls included.
      maxStops: 0,
    },
  },
  // `reasoning.effort`: its documentation of `/v1/responses`.
  responses: { quirks: { reasoning: askedReasoning }, models: [] },
  says: { ownedBy: /^organization_owner$/i },
  models: [],
  contextSetting: "lms load --context-length 65536",
  native: { path: "", quirks: plainApi },
  readme: { title: "LM Studio", baseUrl: "http://localhost:1234/v1", model: "qwen3-8b" },
} as const satisfies KnownBackend;
