import { switchedApi } from "../native-apis.ts";
import type { KnownBackend } from "./known-backend.ts";

export const xiaomi = {
  name: "xiaomi",
  hosts: [/^api\.xiaomimimo\.com$/, /^token-plan-\w+\.xiaomimimo\.com$/],
  quirks: {
    request: { maxTokensField: "max_completion_tokens" },
    reasoning: {
      on: { thinking: { type: "enabled" } },
      off: { thinking: { type: "disabled" } },
      // Turns with calls are refused without it.
      required: "tool-turns",
      thinkTags: false,
    },
  },
  models: [],
  native: { path: "/anthropic", quirks: switchedApi },
  readme: { title: "Xiaomi (MiMo)", baseUrl: "https://api.xiaomimimo.com/v1", model: "mimo-v2-flash" },
} as const satisfies KnownBackend;
