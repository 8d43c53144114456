/** What an answer's usage teaches about counting, learned while nobody waits for it. */
import type { Plan } from "../plan/plan.ts";
import type { Usage } from "../reply.ts";
import { describeThrown } from "../telemetry/log.ts";
import type { Services } from "./services.ts";

export function learnTokens(
  plan: Plan,
  usage: Usage | undefined,
  { tokens, log }: Pick<Services, "tokens" | "log">,
  id: string,
): void {
  // What the backend finds on the web joins the prompt.
  if (!usage || plan.webSearch || plan.webFetch) return;
  // It was answered, so it did fit: a report beyond the window counts something else, and must not forbid the next turn.
  const reported = usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;
  if (plan.hardWindow !== undefined && reported > plan.hardWindow) return;
  tokens.learn(plan, usage).then(
    (warning) => warning !== undefined && log.warning(warning, { id }),
    (thrown: unknown) =>
      log.error("Cannot learn from the reported token count", { id, error: describeThrown(thrown) }),
  );
}
