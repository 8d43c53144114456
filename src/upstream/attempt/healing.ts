/**
 * What refusals have taught us about backends, so that each mistake is made once in the life of the process. Facts
 * about servers, not about conversations: without it every answer is the same, one round trip later.
 */
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

/** @param maxModels of how many models something is remembered; of more, the oldest lesson is forgotten */
export function createHealing(log: Log, maxModels = 256): Healing {
  const memory = new Map<string, readonly Correction[]>();
  const withoutPdfs = new Set<string>();
  const keyOf = (plan: Plan) => `${plan.model}\n${plan.backend.chatUrl}`;

  return {
    lessons: (plan) => memory.get(keyOf(plan)) ?? [],
    learn(plan, corrections) {
      for (const correction of corrections) {
        if (correction.once) continue;
        const key = keyOf(plan);
        const known = memory.get(key) ?? [];
        const others = known.filter((lesson) => !concernsSame(lesson, correction));
        memory.delete(key);
        memory.set(key, [...others, correction]);
        const words = describeCorrection(correction);
        if (known.some((lesson) => describeCorrection(lesson) === words)) continue;
        log.warning(`Learned what ${plan.model} takes: ${words}`, { backend: plan.backend.name });
        const [oldest] = memory.keys();
        if (memory.size > maxModels && oldest !== undefined) memory.delete(oldest);
      }
    },
    refusesPdfs: (plan) => withoutPdfs.has(keyOf(plan)),
    learnRefusedPdfs(plan) {
      if (withoutPdfs.size < maxModels) withoutPdfs.add(keyOf(plan));
      log.warning(`Learned what ${plan.model} takes: PDFs became text`, { backend: plan.backend.name });
    },
  };
}
