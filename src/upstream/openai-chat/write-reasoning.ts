/** The wish for reasoning, in the backend's own words. */
import type { Effort } from "../../anthropic/wire.ts";
import type { Plan } from "../../plan/plan.ts";
import type { ChatRequest } from "./wire.ts";

type ReasoningFields = Pick<
  ChatRequest,
  | "reasoning"
  | "reasoning_effort"
  | "thinking"
  | "enable_thinking"
  | "thinking_budget"
  | "chat_template_kwargs"
>;

/** Nothing when the client wished nothing: then the backend's own default is what it would have got. */
export function writeReasoning({ reasoning, quirks }: Plan): ReasoningFields {
  const { on, budgetTokens } = reasoning;
  if (on === undefined) return {};
  const effort = reasoning.effort ?? (budgetTokens === undefined ? undefined : effortOf(budgetTokens));
  switch (quirks.reasoningRequest) {
    case "none":
      return {};
    case "reasoning-object":
      if (!on) return { reasoning: { effort: "none" } };
      if (budgetTokens !== undefined && reasoning.effort === undefined) {
        return { reasoning: { max_tokens: budgetTokens } };
      }
      return { reasoning: effort ? { effort } : { enabled: true } };
    case "effort":
      if (!on) return { reasoning_effort: "none" };
      return effort ? { reasoning_effort: lowerTo(effort, "high") } : {};
    case "thinking-type":
      return {
        thinking: { type: on ? "enabled" : "disabled" },
        ...(on && effort && quirks.thinkingEffort && { reasoning_effort: lowerTo(effort, "high") }),
      };
    case "enable-thinking":
      return {
        enable_thinking: on,
        ...(on && budgetTokens !== undefined && { thinking_budget: budgetTokens }),
      };
    case "template-kwargs":
      return {
        chat_template_kwargs: { enable_thinking: on },
        ...(!on && { reasoning_effort: "none" }),
        ...(on && effort && { reasoning_effort: lowerTo(effort, "high") }),
      };
    default: {
      const never: never = quirks.reasoningRequest;
      return never;
    }
  }
}

const efforts: readonly Effort[] = ["low", "medium", "high", "xhigh", "max"];

function lowerTo(effort: Effort, highest: Effort): Effort {
  return efforts.indexOf(effort) > efforts.indexOf(highest) ? highest : effort;
}

/** Where only an effort can be said. The steps are those of Claude Code's own thinking words. */
function effortOf(budgetTokens: number): Effort {
  if (budgetTokens < 2048) return "low";
  if (budgetTokens < 8192) return "medium";
  return budgetTokens < 24_576 ? "high" : "xhigh";
}
