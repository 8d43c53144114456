/** How the generations of OpenAI's models differ, wherever OpenAI's own API serves them. */
import type { ModelRule, QuirkChanges } from "./quirks.ts";

/** Efforts that exist only at `/responses`, such as `max` of most models, are not listed. Source: `@ai-sdk/openai`. */
const upToXhigh = ["low", "medium", "high", "xhigh"] as const;
const effort = { reasoning_effort: "{effort}" };
const none = { reasoning_effort: "none" };
const minimal = { reasoning_effort: "minimal" };
const low = { reasoning_effort: "low" };

/** What the models refuse at every host, in the order of their generations. */
export const openaiGenerations: readonly ModelRule[] = [
  // Reasoning models refuse sampling parameters and stop sequences.
  [
    /^(o\d|gpt-?([5-9]|\d\d))(?!.*-chat)/i,
    { sampling: { allowed: false, maxStops: 0 }, reasoning: { effort } },
  ],
  // Source: OpenAI's reasoning guide; o-series and gpt-5 cannot be switched off, only turned down.
  [/^o\d/i, { reasoning: { efforts: ["low", "medium", "high"], off: low } }],
  [
    /^gpt-?5(?![._]?\d|-\d(?!\d))(?!.*-chat)/i,
    { reasoning: { efforts: ["minimal", "low", "medium", "high"], off: minimal } },
  ],
  [/^gpt-?5[._-]1(?!\d)(?!.*-chat)/i, { reasoning: { efforts: ["low", "medium", "high"], off: none } }],
  [/^gpt-?5[._-]([2-9]|\d\d)(?!\d)(?!.*-chat)/i, { reasoning: { efforts: upToXhigh, off: none } }],
  // "Unsupported value: 'none'", a 400 from astra, and from any later model that is not named below.
  [/^gpt-?([6-9]|\d\d)(?!.*-chat)/i, { reasoning: { efforts: upToXhigh, off: low } }],
  [
    /^gpt-?6([._-]1(?!\d))?-(sol|luna|terra)(?!.*-chat)/i,
    { reasoning: { efforts: [...upToXhigh, "max"], off: none } },
  ],
  [/^gpt-?6[._-]1-sol/i, { reasoning: { efforts: upToXhigh, off: low } }],
  // "Function tools with reasoning_effort are not supported for gpt-5.4 in /v1/chat/completions", a 400.
  [/^gpt-?(5[._-]([4-9]|\d\d)(?!\d)|[6-9]|\d\d)(?!.*-chat)/i, { reasoning: { withTools: false } }],
];

/** Their own API calls the system role `developer`. */
const developer: QuirkChanges = { messages: { systemRole: "developer", midSystem: "developer" } };

export const openaiModels: readonly ModelRule[] = [
  [/^(o\d|gpt-?([5-9]|\d\d))(?!.*-chat)/i, developer],
  ...openaiGenerations,
];

/**
 * Models that are asked at `/responses` where a backend offers it. "This model is only supported in v1/responses", a
 * 404 of codex and pro models. From gpt-5.4 on, reasoning beside tools is only there, and for astra and others even
 * tools are: "Function tools with reasoning_effort are not supported for gpt-5.4 in /v1/chat/completions", a 400.
 */
export const responsesModels: ModelRule = [
  /^(gpt-?(5[._-]([4-9]|\d\d)(?!\d)|[6-9]|\d\d)|(gpt-?\d|o\d)[\w.-]*-(codex|pro)(?![a-z])|codex-)(?!.*-(chat|search))/i,
  { request: { protocol: "responses" } },
];

/** Efforts that exist only there: `@ai-sdk/openai`. */
export const responsesEfforts: readonly ModelRule[] = [
  [
    /^gpt-?(5[._-]([6-9]|\d\d)(?!\d)|[6-9]|\d\d)(?!.*-chat)/i,
    { reasoning: { efforts: [...upToXhigh, "max"] } },
  ],
  // Codex and pro models reason, and cannot be switched off: OpenAI's page on each model.
  [/^(gpt-?[\w.-]*-|o\d-)pro(?![a-z])/i, { reasoning: { off: {} } }],
];

/** Cache marks on the parts of messages: `prompt_cache_breakpoint` in the types of `openai`, from 5.6 on. */
export const cacheBreakpoints: ModelRule = [
  /^gpt-?(5[._-]([6-9]|\d\d)(?!\d)|[6-9]|\d\d)(?!.*-chat)/i,
  { caching: { marks: true, breakpoints: true } },
];
