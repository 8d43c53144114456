/** Collects what is worth logging about one message while it passes, and logs it as one line at the end. */
import type { ErrorKind, ProxyError } from "../errors.ts";
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

/** What one message took. */
export type Measurement = {
  readonly outcome: Outcome;
  readonly seconds: number;
  /** Until the first fact; undefined without one. */
  readonly firstSeconds: number | undefined;
  /** Reads from the backend that held facts. */
  readonly chunks: number;
  readonly usage: Usage | undefined;
  readonly failure: ErrorKind | undefined;
};

/** @param measure told once, at the end */
export function createMessageRecord(
  log: Log,
  about: { readonly id: string; readonly asked: string; readonly model: string; readonly stream: boolean },
  measure: (measurement: Measurement) => void = () => {},
): MessageRecord {
  const started = performance.now();
  let firstFact: number | undefined;
  let usage: Usage | undefined;
  let failure: ProxyError | undefined;
  let chunks = 0;
  let isOver = false;
  return {
    see(facts) {
      chunks += 1;
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
      const took = performance.now() - started;
      measure({
        outcome,
        seconds: took / 1000,
        firstSeconds: firstFact === undefined ? undefined : firstFact / 1000,
        chunks,
        usage,
        failure: failure?.kind,
      });
      const line = outcome === "failed" ? log.warning : log.info;
      line(`message ${outcome}`, {
        id: about.id,
        model: about.asked === about.model ? about.model : `${about.asked}→${about.model}`,
        form: about.stream ? "stream" : "json",
        took: `${(took / 1000).toFixed(2)}s`,
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
