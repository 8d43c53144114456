import { openaiModels } from "../openai-models.ts";
import type { KnownBackend } from "./known-backend.ts";

export const azure = {
  name: "azure",
  hosts: [/\.(openai\.azure|services\.ai\.azure|cognitiveservices\.azure)\.com$/],
  // Without an API version: the v1 API, "Azure OpenAI in Azure AI Foundry Models v1 API".
  path: "/openai/v1",
  versionedPath: "/openai",
  quirks: {
    request: { auth: "api-key", maxTokensField: "max_completion_tokens", userId: "user" },
    messages: { midSystem: "system" },
    tools: { strict: true, max: 128, callIds: "short", schema: "object-root" },
    reasoning: { replay: "none", thinkTags: false },
    caching: { keyField: "prompt_cache_key" },
  },
  models: openaiModels,
  readme: { title: "Azure", baseUrl: "https://RESOURCE.openai.azure.com/openai/v1", model: "DEPLOYMENT" },
} as const satisfies KnownBackend;
