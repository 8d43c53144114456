import type { KnownBackend } from "./known-backend.ts";

/** An unknown server. */
export const generic = {
  name: "generic",
  hosts: [],
  quirks: {},
  models: [
    // Perplexity's models.
    [/^sonar/i, { web: { search: "domain-filter" } }],
  ],
  readme: { title: "any other", baseUrl: "https://HOST/v1", model: "MODEL" },
} as const satisfies KnownBackend;
