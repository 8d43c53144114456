import { switchedApi } from "../native-apis.ts";
import type { KnownBackend } from "./known-backend.ts";

export const moonshot = {
  name: "moonshot",
  hosts: [/^api\.moonshot\.(ai|cn)$/, /^api\.kimi\.com$/],
  quirks: {
    request: {
      maxTokensField: "max_completion_tokens",
      // The coding plan, at api.kimi.com, serves known coding agents: "access_terminated_error", a 403 to others.
      namesClient: true,
    },
    messages: {
      // Partial mode: Moonshot's guide.
      prefill: "partial",
    },
    tools: {
      // "tools.function.parameters is not a valid moonshot flavored json schema", a 400.
      schema: "typed-branches",
    },
    toolChoice: {
      // "tool_choice 'required' is incompatible with thinking enabled", a 400.
      forcedWithReasoning: false,
    },
    media: { imageUrls: false },
    sampling: {
      // Kimi models fix their sampling: "invalid temperature: only 1 is allowed for this model", a 400.
      allowed: false,
    },
    json: { withTools: false },
    reasoning: {
      on: { thinking: { type: "enabled" } },
      off: { thinking: { type: "disabled" } },
      // "reasoning_content is missing in assistant tool call message": a 400 without it.
      required: "tool-turns",
      thinkTags: false,
    },
    caching: { keyField: "prompt_cache_key" },
  },
  models: [
    // Source of the rules below: `@ai-sdk/moonshotai`.
    [
      /kimi-k3/i,
      {
        toolChoice: { forcedWithReasoning: true },
        reasoning: {
          on: {},
          effort: { reasoning_effort: "{effort}" },
          efforts: ["low", "high", "max"],
          off: { reasoning_effort: "low" },
        },
      },
    ],
    // Otherwise the reasoning of earlier turns is dropped.
    [/k(imi-k)?2[.p]?6/i, { reasoning: { on: { thinking: { type: "enabled", keep: "all" } } } }],
    [/k(imi-k)?2[.p]?7/i, { reasoning: { on: { thinking: { type: "enabled" } }, off: {} } }],
    // They refuse `required` at all times, and accept a name.
    [/k(imi-k)?2[.p]?[67]/i, { toolChoice: { any: "auto", forcedWithReasoning: true } }],
    // Always reasons, so no call can be forced.
    [/kimi-k2-thinking/i, { toolChoice: { any: "auto", named: "auto" } }],
    // Before Kimi; temperatures up to 1.
    [/^moonshot-v1/i, { sampling: { allowed: true, temperatureRange: [0, 1] } }],
  ],
  // "invalid thinking: only type=enabled is allowed for this model", a 400: MoonshotAI/Kimi-K2#141.
  native: { path: "/anthropic", quirks: { ...switchedApi, thinking: ["enabled"] } },
  readme: { title: "Moonshot (Kimi)", baseUrl: "https://api.moonshot.ai/v1", model: "kimi-k2.6" },
} as const satisfies KnownBackend;
