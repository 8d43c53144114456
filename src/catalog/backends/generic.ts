import { modelFamilies } from "../model-families.ts";
import type { KnownBackend } from "./known-backend.ts";

/** An unknown server. */
export const generic = {
  name: "generic",
  hosts: [],
  quirks: {
    // What most servers call it; one that refuses it is asked again without.
    reasoning: { effort: { reasoning_effort: "{effort}" } },
  },
  models: modelFamilies,
  readme: { title: "any other", baseUrl: "https://HOST/v1", model: "MODEL" },
} as const satisfies KnownBackend;
