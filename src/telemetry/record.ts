/** Collects what is worth logging about one message while it passes, and logs it as one line at the end. */
import type { ProxyError } from "../errors.ts";
import type { ReplyEvent, Usage } from "../reply.ts";
import type { Log } from "./log.ts";

export type Outcome = "answered" | "client left" | "failed";

export type MessageRecord = {
  see(facts: readonly ReplyEvent[]): void;
  /** An answer that contained a failure counts as failed, however it ended. */
  end(outcome: Outcome): void;
  /** The usage that the backend reported, if nothing failed. */
  usage(): Usage | undefined;
};

export function createMessageRecord(
  log: Log,
  about: { readonly id: string; readonly asked: string; readonly model: string; readonly stream: boolean },
): MessageRecord {
  const started = performance.now();
  let firstFact: number | undefined;
  let usage: Usage | undefined;
  let failure: ProxyError | undefined;
  let isOver = false;
  return {
    see(facts) {
      firstFact ??= performance.now() - started;
      for (const fact of facts) {
        if (fact.type === "usage") usage = fact.usage;
        if (fact.type === "failure") failure = fact.error;
      }
    },
    usage: () => (failure ? undefined : usage),
    end(how) {
      if (isOver) return;
      isOver = true;
      const outcome = how === "answered" && failure !== undefined ? "failed" : how;
      const line = outcome === "failed" ? log.warning : log.info;
      line(`message ${outcome}`, {
        id: about.id,
        model: about.asked === about.model ? about.model : `${about.asked}→${about.model}`,
        form: about.stream ? "stream" : "json",
        took: `${((performance.now() - started) / 1000).toFixed(2)}s`,
        first: firstFact === undefined ? undefined : `${Math.round(firstFact)}ms`,
        in: usage && usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens,
        cached: usage?.cacheReadTokens || undefined,
        out: usage?.outputTokens,
        backend: outcome === "failed" ? failure?.upstreamStatus : undefined,
        error: outcome === "failed" ? failure?.message : undefined,
      });
    },
  };
}
