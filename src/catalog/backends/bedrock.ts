import { modelFamilies } from "../model-families.ts";
import { responsesEfforts, responsesModels } from "../openai-models.ts";
import type { KnownBackend } from "./known-backend.ts";

export const bedrock = {
  name: "bedrock",
  hosts: [/^bedrock-runtime(-fips)?\.[\w-]+\.amazonaws\.com(\.cn)?$/, /^bedrock-mantle\.[\w-]+\.api\.aws$/],
  // Source: `@ai-sdk/amazon-bedrock`; the key is a bearer token.
  quirks: {
    request: { maxTokensField: "max_completion_tokens" },
    tools: { parallelCalls: false },
    media: { imageUrls: false },
    reasoning: {
      effort: { reasoning_effort: "{effort}" },
      // It comes as <reasoning> at the beginning of the text.
      replay: "none",
    },
  },
  models: [
    ...modelFamilies,
    responsesModels,
    [/^gpt-oss/i, { reasoning: { off: { reasoning_effort: "low" } } }],
  ],
  responses: { quirks: {}, models: responsesEfforts },
  readme: {
    title: "Amazon Bedrock",
    baseUrl: "https://bedrock-runtime.REGION.amazonaws.com/openai/v1",
    model: "openai.gpt-oss-120b-1:0",
  },
} as const satisfies KnownBackend;
