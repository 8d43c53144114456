/** Asks a model a question of the proxy's own: one request, with a time limit, whose answer is a text. */
import { ProxyError } from "../errors.ts";
import type { Plan } from "../plan/plan.ts";
import { type FinishReason, readAll, type Usage } from "../reply.ts";
import { readReply, type Upstream } from "../upstream/read-reply.ts";

type ModelAnswer = {
  readonly text: string;
  /** Why it ended; undefined if it broke off. */
  readonly reason: FinishReason | undefined;
  readonly usage: Usage | undefined;
};

type AskOptions = {
  readonly upstream: Upstream;
  /** Time limit, ms. */
  readonly withinMs: number;
  /** What the question is for, as in `Cannot summarize the prompt`. */
  readonly act: string;
};

/** @throws ProxyError when the backend fails, or takes longer than `withinMs` */
export async function askModel(plan: Plan, { upstream, withinMs, act }: AskOptions): Promise<ModelAnswer> {
  const timeLimit = AbortSignal.timeout(withinMs);
  let text = "";
  let reason: FinishReason | undefined;
  let usage: Usage | undefined;
  for await (const facts of readAll(readReply(plan, upstream, timeLimit, () => {}))) {
    for (const fact of facts) {
      if (fact.type === "failure" && timeLimit.aborted) {
        throw new ProxyError("timeout", `Cannot ${act}: the model took more than ${withinMs / 1000} s`);
      }
      if (fact.type === "failure") throw fact.error;
      if (fact.type === "text-delta") text += fact.text;
      if (fact.type === "finish") reason = fact.reason;
      if (fact.type === "usage") usage = fact.usage;
    }
  }
  return { text, reason, usage };
}
