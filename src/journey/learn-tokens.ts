/** Learns from an answer's usage how the backend counts tokens, in the background. */
import type { Plan } from "../plan/plan.ts";
import { promptTokens, type Usage } from "../reply.ts";
import { describeThrown } from "../telemetry/log.ts";
import type { Services } from "./services.ts";

/** Resolves when it has learned, or has logged why it could not. */
export async function learnTokens(
  plan: Plan | undefined,
  usage: Usage | undefined,
  { tokens, log }: Pick<Services, "tokens" | "log">,
  id: string,
): Promise<void> {
  // The pages a backend finds on the web are part of the prompt it counts.
  if (!usage || !plan || plan.webSearch || plan.webFetch) return;
  // The prompt was answered, so it did fit: a report beyond the window counts something else, and must not block the
  // next turn.
  const reported = promptTokens(usage);
  if (reported === 0 || (plan.hardWindow !== undefined && reported > plan.hardWindow)) return;
  try {
    const warning = await tokens.learn(plan, usage);
    if (warning !== undefined) log.warning(warning, { id });
  } catch (thrown) {
    log.error("Cannot learn from the reported token count", { id, error: describeThrown(thrown) });
  }
}
