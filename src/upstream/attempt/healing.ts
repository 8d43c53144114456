/**
 * What refusals have taught us about backends, so that each mistake is made once in the life of the process. Facts
 * about servers, not about conversations: without it every answer is the same, one round trip later.
 */
import { createLru } from "../../lib/lru.ts";
import type { Plan } from "../../plan/plan.ts";
import type { Log } from "../../telemetry/log.ts";
import { type Correction, concernsSame, describeCorrection } from "../corrections.ts";

export type Healing = {
  /** What is known of the plan's address and model, in the order of learning. */
  lessons(plan: Plan): readonly Correction[];
  /** Remembers corrections that have worked. */
  learn(plan: Plan, corrections: readonly Correction[]): void;
  /** Whether the plan's model takes no PDFs, as its backend has said. */
  refusesPdfs(plan: Plan): boolean;
  learnRefusedPdfs(plan: Plan): void;
};

/** @param maxModels of how many models something is remembered; of more, the one longest unused is forgotten */
export function createHealing(log: Log, maxModels = 256): Healing {
  const memory = createLru<string, readonly Correction[]>(maxModels);
  const withoutPdfs = createLru<string, true>(maxModels);
  const keyOf = (plan: Plan) => `${plan.model}\n${plan.backend.chatUrl}`;

  return {
    lessons: (plan) => memory.get(keyOf(plan)) ?? [],
    learn(plan, corrections) {
      for (const correction of corrections) {
        if (correction.once) continue;
        const key = keyOf(plan);
        const known = memory.get(key) ?? [];
        const others = known.filter((lesson) => !concernsSame(lesson, correction));
        memory.set(key, [...others, correction]);
        const words = describeCorrection(correction);
        if (known.some((lesson) => describeCorrection(lesson) === words)) continue;
        log.warning(`Learned what ${plan.model} takes: ${words}`, { backend: plan.backend.name });
      }
    },
    refusesPdfs: (plan) => withoutPdfs.get(keyOf(plan)) === true,
    learnRefusedPdfs(plan) {
      withoutPdfs.set(keyOf(plan), true);
      log.warning(`Learned what ${plan.model} takes: PDFs became text`, { backend: plan.backend.name });
    },
  };
}
