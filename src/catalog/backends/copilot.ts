import { modelFamilies } from "../model-families.ts";
import { resoldApi } from "../native-apis.ts";
import { responsesEfforts, responsesModels } from "../openai-models.ts";
import type { KnownBackend } from "./known-backend.ts";

export const copilot = {
  name: "copilot",
  hosts: [/^api\.((business|enterprise|individual)\.)?githubcopilot\.com$/],
  quirks: {
    // "missing Editor-Version header for IDE auth", a 400.
    request: {
      headers: { "editor-version": "claude-code-proxy/1", "copilot-integration-id": "vscode-chat" },
    },
    tools: { schema: "object-root", callIds: "short", max: 128 },
    reasoning: { replay: "none", thinkTags: false },
  },
  // "model "gpt-5.4" is not accessible via the /chat/completions endpoint", a 400.
  models: [...modelFamilies, responsesModels],
  responses: { quirks: {}, models: responsesEfforts },
  native: { path: "", quirks: resoldApi },
  readme: {
    title: "GitHub Copilot",
    baseUrl: "https://api.githubcopilot.com",
    model: "gemini-3.5-flash",
  },
} as const satisfies KnownBackend;
