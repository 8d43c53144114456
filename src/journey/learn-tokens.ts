/** Learns from an answer's usage how the backend counts tokens, in the background. */
import type { Plan } from "../plan/plan.ts";
import type { KeptPrompt, TokenCounter } from "../plan/size/tokens.ts";
import { promptTokens, type Usage } from "../reply.ts";
import { describeThrown } from "../telemetry/log.ts";
import type { Services } from "./services.ts";

/** What there is to learn from once the request is forgotten. */
type KeptPlan = Pick<Plan, "hardWindow"> & { readonly prompt: KeptPrompt };

/** The plan that was answered, or what was kept of it. */
export type AnsweredPlan = (Plan & { readonly prompt?: undefined }) | KeptPlan;

/** Undefined if nothing is to be learned from the answer. */
export function keepPlan(plan: Plan, tokens: Pick<TokenCounter, "keep">): KeptPlan | undefined {
  // The pages a backend finds on the web are part of the prompt it counts.
  if (plan.webSearch || plan.webFetch) return undefined;
  const prompt = tokens.keep(plan);
  return prompt && { hardWindow: plan.hardWindow, prompt };
}

/** Resolves when it has learned, or has logged why it could not. */
export async function learnTokens(
  plan: AnsweredPlan,
  usage: Usage,
  { tokens, log }: Pick<Services, "tokens" | "log">,
  id: string,
): Promise<void> {
  try {
    const kept = plan.prompt ? plan : keepPlan(plan, tokens);
    if (!kept || countsOther(usage, kept)) return;
    const warning = await tokens.learn(kept.prompt, usage);
    if (warning !== undefined) log.warning(warning, { id });
  } catch (thrown) {
    log.error("Cannot learn from the reported token count", { id, error: describeThrown(thrown) });
  }
}

/**
 * The prompt was answered, so it did fit: a report beyond the window counts something else, and must not block the next
 * turn.
 */
function countsOther(usage: Usage, { hardWindow }: KeptPlan): boolean {
  const reported = promptTokens(usage);
  return reported === 0 || (hardWindow !== undefined && reported > hardWindow);
}
