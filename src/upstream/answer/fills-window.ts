/** Tells an answer that filled the model's window from one that reached its own limit. */
import type { Plan } from "../../plan/plan.ts";
import { promptTokens, type Usage } from "../../reply.ts";

/** A last batch of tokens may be counted a little differently, in tokens. */
const windowMargin = 16;

/** Whether the answer was cut because the window was full, not because it had as many tokens as the client allows. */
export function fillsWindow(plan: Plan, usage: Usage | undefined): boolean {
  const window = plan.hardWindow ?? plan.facts?.contextWindow;
  if (window === undefined || !usage || usage.outputTokens >= plan.request.max_tokens) return false;
  const prompt = promptTokens(usage);
  // Fewer tokens than the client asked for, because there was no room for more.
  const isClamped = usage.outputTokens >= plan.maxTokens && prompt + plan.request.max_tokens > window;
  return isClamped || prompt + usage.outputTokens >= window - windowMargin;
}
