/** How the generations of OpenAI's models differ, wherever OpenAI's own API serves them. */
import type { ModelRule } from "./quirks.ts";

export const openaiModels: readonly ModelRule[] = [
  // OpenAI's reasoning models refuse sampling parameters and stop sequences, and use `developer` instead of `system`.
  [
    /^(o\d|gpt-[5-9])(?!.*-chat)/i,
    {
      messages: { systemRole: "developer", midSystem: "developer" },
      sampling: { allowed: false, maxStops: 0 },
      reasoning: { effort: { reasoning_effort: "{effort}" } },
    },
  ],
  // Source: OpenAI's reasoning guide; o-series and gpt-5 cannot be switched off, only turned down.
  [/^o\d/i, { reasoning: { off: { reasoning_effort: "low" } } }],
  [
    /^gpt-5(-(mini|nano))?(-\d|$)/i,
    { reasoning: { efforts: ["minimal", "low", "medium", "high"], off: { reasoning_effort: "minimal" } } },
  ],
  [
    /^gpt-(5\.|[6-9])(?!.*-chat)/i,
    { reasoning: { efforts: ["low", "medium", "high", "xhigh"], off: { reasoning_effort: "none" } } },
  ],
  // From here on, chat completions refuse function tools together with reasoning.
  [/^gpt-(5\.([6-9]|\d\d)|[6-9])/i, { reasoning: { withTools: false } }],
];
