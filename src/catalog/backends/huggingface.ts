import { modelFamilies } from "../model-families.ts";
import type { KnownBackend } from "./known-backend.ts";

export const huggingface = {
  name: "huggingface",
  hosts: [/^router\.huggingface\.co$/],
  quirks: {
    // Each host behind the router has its own opinion of it; one that refuses it is asked again without.
    reasoning: {
      effort: { reasoning_effort: "{effort}" },
      efforts: ["minimal", "low", "medium", "high", "xhigh"],
    },
  },
  models: modelFamilies,
  readme: {
    title: "Hugging Face",
    baseUrl: "https://router.huggingface.co/v1",
    model: "openai/gpt-oss-120b",
  },
} as const satisfies KnownBackend;
