/**
 * What a family of models needs wherever it is served: at gateways, which pass requests on, and at servers that anybody
 * may run. What only one provider's own API wants is in that backend's file.
 */
import { openaiGenerations } from "./openai-models.ts";
import type { ModelRule } from "./quirks.ts";

/** Their tokenizer, also in vLLM, knows one order of roles, and ids of nine letters: `mistral-common`. */
export const mistralTokenizer: ModelRule = [
  /^(mistral|mixtral|magistral|ministral|devstral|codestral|pixtral|voxtral)/i,
  {
    messages: { userAfterTool: false, midSystem: "reminder", emptyAssistantContent: "" },
    tools: { callIds: "nine" },
  },
];

export const modelFamilies: readonly ModelRule[] = [
  ...openaiGenerations,
  mistralTokenizer,
  // "tools.0.custom.input_schema: input_schema does not support oneOf, allOf, or anyOf at the top level", a 400.
  [
    /^claude/i,
    { tools: { schema: "object-root", callIds: "short" }, sampling: { temperatureRange: [0, 1] } },
  ],
  // "Unknown name …: Cannot find field", a 400 to most of JSON schema.
  [/^gemini-\d/i, { tools: { schema: "openapi" } }],
  // "Function call is missing a thought_signature", a 400 to a call that comes back without the one it came with.
  [/^gemini-([3-9]|\d\d)/i, { reasoning: { replay: "thought-signature" } }],
  // "Argument not supported on this model: stop", a 400 from models that reason.
  [/^grok-(?!.*non-reasoning)([4-9]|latest)/i, { sampling: { maxStops: 0 } }],
  // "The reasoning_content in the thinking mode must be passed back", and "Thinking mode does not support this
  // tool_choice", both 400s.
  [
    /^deepseek-(v[4-9]|flash|reasoner)/i,
    { reasoning: { required: "every-turn" }, toolChoice: { forcedWithReasoning: false } },
  ],
  [/^kimi-(k2\.[5-9]|k2-thinking)/i, { reasoning: { required: "tool-turns" } }],
  // Perplexity's models.
  [/^sonar/i, { web: { search: "domain-filter" } }],
];
