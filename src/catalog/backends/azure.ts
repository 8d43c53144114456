import { resoldApi } from "../native-apis.ts";
import { openaiModels, responsesEfforts, responsesModels } from "../openai-models.ts";
import type { KnownBackend } from "./known-backend.ts";

export const azure = {
  name: "azure",
  hosts: [/\.(openai\.azure|services\.ai\.azure|cognitiveservices\.azure)\.com$/],
  versionedPath: "/openai",
  quirks: {
    request: { auth: "api-key", maxTokensField: "max_completion_tokens", userId: "user" },
    messages: { midSystem: "system" },
    tools: { strict: true, max: 128, callIds: "short", schema: "object-root" },
    reasoning: { replay: "none", thinkTags: false },
    caching: { keyField: "prompt_cache_key" },
  },
  models: [...openaiModels, responsesModels],
  responses: {
    quirks: { web: { search: "server-tool" }, media: { documents: "file" } },
    models: responsesEfforts,
  },
  // Claude in Microsoft Foundry: the same models, which verify the same signatures.
  native: { path: "/anthropic", keyHeader: "x-api-key", quirks: resoldApi },
  readme: { title: "Azure", baseUrl: "https://RESOURCE.openai.azure.com/openai/v1", model: "DEPLOYMENT" },
} as const satisfies KnownBackend;
