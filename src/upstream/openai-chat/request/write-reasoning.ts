/** Writes the request for reasoning in the backend's own fields. */
import type { Effort } from "../../../anthropic/wire.ts";
import type { Quirks } from "../../../catalog/quirks.ts";
import type { Plan } from "../../../plan/plan.ts";
import { nearestEffort } from "../../reasoning/choose-effort.ts";
import type { ChatRequest } from "../wire.ts";

type ReasoningFields = Pick<
  ChatRequest,
  | "reasoning"
  | "reasoning_effort"
  | "thinking"
  | "enable_thinking"
  | "thinking_budget"
  | "thinking_token_budget"
  | "thinking_budget_tokens"
  | "chat_template_kwargs"
  | "extra_body"
>;

/**
 * The fields that ask for reasoning, or switch it off. None if the client did not ask: the backend's own default
 * applies.
 */
export function writeReasoning({ reasoning, quirks, tools }: Plan): ReasoningFields {
  const { on } = reasoning;
  if (!quirks.reasoning.withTools && tools.offered.length > 0) return { reasoning_effort: "none" };
  if (on === undefined) return quirks.reasoning.extras;
  return on ? { ...writeOn(reasoning, quirks), ...quirks.reasoning.extras } : writeOff(quirks);
}

function writeOn({ effort, budgetTokens }: Plan["reasoning"], quirks: Quirks): ReasoningFields {
  const requested = effort ?? (budgetTokens === undefined ? undefined : effortOf(budgetTokens));
  const nearest = requested && nearestEffort(requested, quirks.reasoning.efforts);
  const effortField = nearest ? { reasoning_effort: nearest } : {};
  const field = quirks.reasoning.budgetField;
  const budgetField = field && budgetTokens !== undefined ? { [field]: budgetTokens } : {};
  switch (quirks.reasoning.request) {
    case "none":
      return {};
    case "reasoning-object":
      // Effort and a token budget exclude each other; Claude Code's effort is the newer setting.
      if (budgetTokens !== undefined && effort === undefined)
        return { reasoning: { max_tokens: budgetTokens } };
      return { reasoning: nearest ? { effort: nearest } : { enabled: true } };
    case "effort":
      return effortField;
    case "thinking-type":
      return { thinking: quirks.reasoning.on, ...effortField };
    case "enable-thinking":
      return { enable_thinking: true, ...budgetField };
    case "template-kwargs":
      return { chat_template_kwargs: { enable_thinking: true }, ...effortField, ...budgetField };
    case "thinking-config": {
      const budget = budgetTokens ?? (requested && budgetOf[requested]);
      const depth = field ? { [field]: budget } : { thinking_level: nearest };
      return { extra_body: { google: { thinking_config: { include_thoughts: true, ...depth } } } };
    }
    default:
      return quirks.reasoning.request satisfies never;
  }
}

function writeOff(quirks: Quirks): ReasoningFields {
  const off = quirks.reasoning.off ? { reasoning_effort: quirks.reasoning.off } : {};
  switch (quirks.reasoning.request) {
    case "none":
      return {};
    case "reasoning-object":
      return { reasoning: { effort: "none" } };
    case "effort":
    case "thinking-config":
      return off;
    case "thinking-type":
      // Models that always reason can only be asked to reason little.
      return quirks.reasoning.off ? off : { thinking: { type: "disabled" } };
    case "enable-thinking":
      return { enable_thinking: false };
    case "template-kwargs":
      return { chat_template_kwargs: { enable_thinking: false }, ...off };
    default:
      return quirks.reasoning.request satisfies never;
  }
}

/** For backends that accept only an effort. The steps match Claude Code's thinking keywords. */
function effortOf(budgetTokens: number): Effort {
  if (budgetTokens < 2048) return "low";
  if (budgetTokens < 8192) return "medium";
  return budgetTokens < 24_576 ? "high" : "xhigh";
}

/** For backends that accept only a token budget. Source: Google's own translation of efforts. */
const budgetOf: Readonly<Record<Effort, number>> = {
  low: 1024,
  medium: 8192,
  high: 24_576,
  xhigh: 24_576,
  max: 24_576,
};
