/**
 * From a plan to facts: writes the request and sends it, again where that helps. Until the first fact that a client
 * would see, a try may fail without a trace: its refusal corrected, its failure waited out. After that nothing is
 * said twice.
 */
import { toProxyError } from "../errors.ts";
import type { Plan } from "../plan/plan.ts";
import type { ReplyEvent } from "../reply.ts";
import { chooseDialect } from "./choose.ts";
import type { Healing } from "./healing.ts";
import { makeAttempt } from "./make-attempt.ts";
import { createTries, type RetryPace } from "./retry.ts";
import type { Sender } from "./send.ts";

export type Upstream = {
  readonly sender: Sender;
  readonly healing: Healing;
  readonly pace: RetryPace;
};

/**
 * Yields the facts of each network read that held any. Never throws: a failure, before the head or in mid-answer,
 * is the last fact.
 *
 * @param note called once for each thing that was lost or changed in the request
 */
export async function* readReply(
  plan: Plan,
  { sender, healing, pace }: Upstream,
  signal: AbortSignal,
  note: (words: string) => void,
): AsyncGenerator<ReplyEvent[], void> {
  const tries = createTries(pace, signal, plan.maxTokens);
  const noted = new Set<string>();
  try {
    const dialect = chooseDialect(plan);
    for (;;) {
      const written = dialect.writeRequest(plan, [...healing.lessons(plan), ...tries.corrections]);
      for (const words of new Set(written.notes).difference(noted)) {
        noted.add(words);
        note(words);
      }
      const attempt = makeAttempt({ dialect, plan, written, sender, signal });
      const unseen = yield* yieldFromFirstSeen(attempt, () => healing.learn(plan, tries.corrections));
      if (!unseen) return;
      const last = unseen.at(-1);
      if (await tries.isWorthAnother(last, (error) => dialect.findCorrection(error, plan, written))) continue;
      if (last?.type !== "failure") healing.learn(plan, tries.corrections);
      yield unseen;
      return;
    }
  } catch (thrown) {
    yield [{ type: "failure", error: toProxyError(thrown) }];
  }
}

/**
 * Holds facts back until a client would see one of them, then lets everything pass.
 *
 * @returns all facts, if none was to be seen
 */
async function* yieldFromFirstSeen(
  attempt: AsyncGenerator<ReplyEvent[], void>,
  onBegin: () => void,
): AsyncGenerator<ReplyEvent[], ReplyEvent[] | undefined> {
  const unseen: ReplyEvent[] = [];
  let hasBegun = false;
  for await (const facts of attempt) {
    if (hasBegun) {
      yield facts;
      continue;
    }
    unseen.push(...facts);
    if (!facts.some(isSeen)) continue;
    hasBegun = true;
    onBegin();
    yield unseen;
  }
  return hasBegun ? undefined : unseen;
}

function isSeen(fact: ReplyEvent): boolean {
  switch (fact.type) {
    case "text-delta":
    case "thinking-delta":
    case "thinking-carrier":
    case "tool-start":
    case "tool-delta":
    case "tool-end":
      return true;
    case "usage":
    case "finish":
    case "failure":
      return false;
    default: {
      const never: never = fact;
      return never;
    }
  }
}
