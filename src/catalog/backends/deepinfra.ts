import { mistralTokenizer } from "../model-families.ts";
import { switchedApi } from "../native-apis.ts";
import type { KnownBackend } from "./known-backend.ts";

export const deepinfra = {
  name: "deepinfra",
  hosts: [/^api\.deepinfra\.com$/],
  quirks: {
    request: { userId: "user" },
    sampling: { topK: true },
    reasoning: {
      effort: { reasoning_effort: "{effort}" },
      efforts: ["low", "medium", "high", "xhigh"],
      off: { reasoning_effort: "none" },
    },
  },
  models: [mistralTokenizer],
  native: { path: "/anthropic", quirks: switchedApi },
  readme: {
    title: "DeepInfra",
    baseUrl: "https://api.deepinfra.com/v1/openai",
    model: "openai/gpt-oss-120b",
  },
} as const satisfies KnownBackend;
