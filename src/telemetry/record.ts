/**
 * Collects what is worth logging about one message while it passes, and logs it as one line at the end. Each field has
 * one unit, which its name tells; the token counts end like OpenTelemetry's (`gen_ai.usage.input_tokens`).
 */
import { statusOf, typeOf } from "../anthropic/write-error.ts";
import type { ErrorKind, ProxyError } from "../errors.ts";
import { type FinishReason, isSeen, type ReplyEvent, type Usage } from "../reply.ts";
import { describeThrown, type Log } from "./log.ts";
import { promptTokens, type Tally } from "./tally.ts";

export type Outcome = "answered" | "client left" | "failed";

export type MessageRecord = {
  see(facts: readonly ReplyEvent[]): void;
  /** The request is sent again, before the client has seen anything. */
  again(why: {
    readonly kind: "corrected" | "repeated";
    readonly change?: string;
    readonly error: string;
  }): void;
  /**
   * An answer that contained a failure counts as failed, however it ended.
   * @param error what the client is told with a status of its own
   */
  end(outcome: Outcome, error?: ProxyError): void;
  /** The usage that the backend reported, if nothing failed. */
  usage(): Usage | undefined;
};

/** What one message took. */
export type Measurement = {
  readonly outcome: Outcome;
  readonly seconds: number;
  /** Until the first token; undefined without one. */
  readonly firstSeconds: number | undefined;
  /** Reads from the backend that held facts. */
  readonly chunks: number;
  readonly usage: Usage | undefined;
  readonly failure: ErrorKind | undefined;
};

type MessageFacts = {
  readonly id: string;
  /** The model's name in the request, and the one that the backend gets. */
  readonly asked: string;
  readonly sent: string;
  /** Host and port. */
  readonly backend: string;
  readonly stream: boolean;
  /** What the client says of itself: its session, what kind of request this is, its name and version. */
  readonly session?: string | undefined;
  readonly class?: string | undefined;
  readonly client?: string | undefined;
  /** Of the key that it sent. */
  readonly client_name?: string | undefined;
};

/** How often a wait for the first token is logged, ms. */
const waitMs = 30_000;

/** @param measure told once, at the end */
export function createMessageRecord(
  log: Log,
  tally: Tally,
  about: MessageFacts,
  measure: (measurement: Measurement) => void = () => {},
): MessageRecord {
  const { id, ...labels } = about;
  const started = performance.now();
  const elapsed = (): number => Math.round(performance.now() - started);
  let firstToken: number | undefined;
  let usage: Usage | undefined;
  let failure: ProxyError | undefined;
  let stopReason: string | undefined;
  let callsTools = false;
  const times = { corrected: 0, repeated: 0 };
  let chunks = 0;
  let isOver = false;
  const waiting = setInterval(() => {
    log.info(`Still waiting for the first token, ${Math.round(elapsed() / 1000)} s`, {
      id,
      sent: about.sent,
      backend: about.backend,
    });
  }, waitMs);

  function see(fact: ReplyEvent): void {
    switch (fact.type) {
      case "usage":
        usage = fact.usage;
        return;
      case "failure":
        failure = fact.error;
        return;
      case "tool-start":
        callsTools = true;
        return;
      case "finish":
        stopReason = fact.reason === "stop" && callsTools ? "tool_use" : stopReasons[fact.reason];
    }
  }

  return {
    see(facts) {
      chunks += 1;
      if (firstToken === undefined && facts.some((fact) => fact.type !== "failure" && isSeen(fact))) {
        firstToken = elapsed();
        clearInterval(waiting);
      }
      facts.forEach(see);
    },
    again(why) {
      times[why.kind] += 1;
      const { kind, ...reason } = why;
      log.info(kind === "corrected" ? "Sending the request corrected" : "Sending the request again", {
        id,
        backend: about.backend,
        ...reason,
      });
    },
    usage: () => (failure ? undefined : usage),
    end(how, error) {
      if (isOver) return;
      isOver = true;
      clearInterval(waiting);
      if (how === "failed") failure ??= error;
      const outcome = how === "answered" && failure !== undefined ? "failed" : how;
      const fault = outcome === "failed" ? failure : undefined;
      measure({
        outcome,
        seconds: elapsed() / 1000,
        firstSeconds: firstToken === undefined ? undefined : firstToken / 1000,
        chunks,
        usage,
        failure: failure?.kind,
      });
      tally.count({ isFailed: outcome === "failed", usage });
      const line = outcome === "failed" ? log.warning : log.info;
      line(`message ${outcome}`, {
        id,
        ...labels,
        status: outcome === "client left" ? undefined : error ? statusOf(error) : 200,
        stop_reason: fault ? undefined : stopReason,
        took_ms: elapsed(),
        first_token_ms: firstToken,
        input_tokens: usage && promptTokens(usage),
        cached_tokens: usage?.cacheReadTokens,
        output_tokens: usage?.outputTokens,
        reasoning_tokens: usage?.reasoningTokens,
        cost_usd: usage?.costUsd,
        retries: times.repeated || undefined,
        healed: times.corrected || undefined,
        error_type: fault && typeOf(fault),
        backend_status: fault?.upstreamStatus,
        error: fault?.message,
      });
    },
  };
}

/** In the words of Anthropic's API. */
const stopReasons: Readonly<Record<FinishReason, string>> = {
  stop: "end_turn",
  "stop-sequence": "stop_sequence",
  "max-tokens": "max_tokens",
  refusal: "refusal",
  "context-window": "model_context_window_exceeded",
  compaction: "compaction",
};

/** Logs a request that was refused before the backend was asked. A wrong key is worth a look: it may be a stranger's. */
export function logRefusal(
  log: Log,
  {
    request,
    requestId,
    clientName,
  }: { readonly request: Request; readonly requestId: string; readonly clientName?: string | undefined },
  error: ProxyError,
): void {
  const fields = {
    id: requestId,
    method: request.method,
    path: URL.parse(request.url)?.pathname,
    client: request.headers.get("user-agent") ?? undefined,
    client_name: clientName,
    status: statusOf(error),
    error_type: typeOf(error),
    error: error.message,
  };
  if (error.kind === "internal") {
    const cause = error.cause === undefined ? undefined : describeThrown(error.cause);
    log.error("Request failed", { ...fields, cause });
  } else if (error.kind === "authentication") log.warning("Request refused", fields);
  else log.info("Request refused", fields);
}
