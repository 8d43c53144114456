import { modelFamilies } from "../model-families.ts";
import type { KnownBackend } from "./known-backend.ts";

/** An unknown server. */
export const generic = {
  name: "generic",
  hosts: [],
  quirks: {
    // Most are vLLM and the like. One that has no such answers is asked again for a stream.
    request: { wholeAnswers: true },
    // What most servers call it; one that refuses it is asked again without.
    reasoning: { effort: { reasoning_effort: "{effort}" } },
  },
  models: modelFamilies,
  readme: { title: "any other", baseUrl: "https://HOST/v1", model: "MODEL" },
} as const satisfies KnownBackend;
