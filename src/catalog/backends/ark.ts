import type { KnownBackend } from "./known-backend.ts";

export const ark = {
  name: "ark",
  hosts: [/^ark\.[\w-]+\.(volces|bytepluses)\.com$/],
  quirks: {
    reasoning: {
      // It thinks unless told not to.
      on: { thinking: { type: "enabled" } },
      off: { thinking: { type: "disabled" } },
      thinkTags: false,
    },
  },
  models: [],
  readme: {
    title: "Volcengine, BytePlus (Ark)",
    baseUrl: "https://ark.ap-southeast.bytepluses.com/api/v3",
    model: "seed-1-8-251228",
  },
} as const satisfies KnownBackend;
