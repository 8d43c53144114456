import { switchedApi } from "../native-apis.ts";
import type { KnownBackend } from "./known-backend.ts";

export const stepfun = {
  name: "stepfun",
  hosts: [/^api\.stepfun\.(ai|com)$/],
  quirks: {
    reasoning: {
      effort: { reasoning_effort: "{effort}" },
      // It cannot be switched off.
      off: { reasoning_effort: "low" },
      replay: "reasoning",
    },
  },
  models: [],
  native: { path: "", quirks: switchedApi },
  readme: { title: "StepFun", baseUrl: "https://api.stepfun.ai/v1", model: "step-3.5-flash" },
} as const satisfies KnownBackend;
