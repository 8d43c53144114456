/**
 * Collects what is worth logging about one message while it passes, and logs it as one line at the end. Each field has
 * one unit, which its name tells; the token counts end like OpenTelemetry's (`gen_ai.usage.input_tokens`).
 */
import { statusOf, statusOfKind, typeOf } from "../anthropic/write-error.ts";
import type { ErrorKind, ProxyError } from "../errors.ts";
import { shareInterval } from "../lib/share-interval.ts";
import { type FinishReason, isSeen, promptTokens, type ReplyEvent, type Usage } from "../reply.ts";
import { costOf, type Price } from "./cost.ts";
import { cutName, type MessageEntry, type MessageStart } from "./entry.ts";
import { describeThrown, type Log } from "./log.ts";
import type { Tally } from "./tally.ts";

export type Outcome = "answered" | "client left" | "failed";

export type MessageRecord = {
  see(facts: readonly ReplyEvent[]): void;
  /** The request is sent again, before the client has seen anything. */
  again(why: {
    readonly kind: "corrected" | "repeated";
    readonly change?: string;
    readonly error: string;
  }): void;
  /** The request goes to another target of its route, or with another key. */
  move(where: MessagePlace & { readonly from: string; readonly to: string; readonly error: string }): void;
  /**
   * An answer that contained a failure counts as failed, however it ended.
   * @param error what the client is told with a status of its own
   */
  end(outcome: Outcome, error?: ProxyError): void;
  progress(): MessageProgress;
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
  /** US dollars, if they are known. */
  readonly costUsd: number | undefined;
  readonly stopReason: string | undefined;
  readonly failure: ErrorKind | undefined;
  /** How often the request was sent again as it was. */
  readonly retries: number;
  /** What was changed in it because it was refused. */
  readonly healed: readonly string[];
};

/** A message in progress. */
export type MessageProgress = {
  /** ms */
  readonly firstTokenMs: number | undefined;
  readonly chunks: number;
};

type MessagePlace = {
  /** The model's name that the backend gets. */
  readonly sent: string;
  /** Host and port. */
  readonly backend: string;
  /** How it is asked, unless it is the usual way. */
  readonly protocol?: string | undefined;
};

type MessageFacts = MessagePlace & {
  readonly id: string;
  /** The model's name in the request. */
  readonly asked: string;
  readonly stream: boolean;
  /** What the client says of itself: its session, what kind of request this is, its name and version. */
  readonly session?: string | undefined;
  readonly class?: string | undefined;
  readonly client?: string | undefined;
  /** Of the key that it sent. */
  readonly client_name?: string | undefined;
};

/** How often a wait for the first token is logged, ms. */
const usualWaitMs = 30_000;
/** How often in that time it is checked: all messages share one timer, which may have begun at any time before. */
const checksPerWait = 6;

const none: readonly string[] = [];

type RecordOptions = {
  /** Told once, at the end. */
  readonly measure?: (measurement: Measurement) => void;
  /** Of the model that answers. */
  readonly price?: () => Price | undefined;
  /** How often a wait for the first token is logged, ms. */
  readonly waitMs?: number;
};

export function createMessageRecord(
  log: Log,
  tally: Tally,
  about: MessageFacts,
  { measure = () => {}, price = () => undefined, waitMs = usualWaitMs }: RecordOptions = {},
): MessageRecord {
  const { id } = about;
  let { sent, backend, protocol } = about;
  let moves = 0;
  const started = performance.now();
  const elapsed = (): number => Math.round(performance.now() - started);
  let firstToken: number | undefined;
  let usage: Usage | undefined;
  let failure: ProxyError | undefined;
  let stopReason: string | undefined;
  let callsTools = false;
  let retries = 0;
  let healed: readonly string[] = none;
  let chunks = 0;
  let isOver = false;
  let toldAt = 0;
  const stopWaiting = shareInterval(() => {
    const ms = elapsed();
    if (ms - toldAt < waitMs) return;
    toldAt = ms;
    log.info(`Still waiting for the first token, ${Math.round(ms / 1000)} s`, { id, sent, backend });
  }, waitMs / checksPerWait);

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
        stopWaiting();
      }
      for (const fact of facts) see(fact);
    },
    again(why) {
      if (why.kind === "repeated") retries += 1;
      else healed = [...healed, why.change ?? ""];
      const { kind, ...reason } = why;
      log.info(kind === "corrected" ? "Sending the corrected request" : "Sending the request again", {
        id,
        backend,
        ...reason,
      });
    },
    move({ sent: nextSent, backend: nextBackend, protocol: nextProtocol, ...how }) {
      sent = nextSent;
      backend = nextBackend;
      protocol = nextProtocol;
      moves += 1;
      log.warning("Trying the next target of the route", { id, ...how });
    },
    progress: () => ({ firstTokenMs: firstToken, chunks }),
    usage: () => (failure ? undefined : usage),
    end(how, error) {
      if (isOver) return;
      isOver = true;
      stopWaiting();
      const tookMs = elapsed();
      if (how === "failed") failure ??= error;
      const outcome = how === "answered" && failure !== undefined ? "failed" : how;
      const fault = outcome === "failed" ? failure : undefined;
      const costUsd = usage && costOf(usage, price());
      const stopped = fault ? undefined : stopReason;
      measure({
        outcome,
        seconds: tookMs / 1000,
        firstSeconds: firstToken === undefined ? undefined : firstToken / 1000,
        chunks,
        usage,
        costUsd,
        stopReason: stopped,
        failure: failure?.kind,
        retries,
        healed,
      });
      tally.count({ isFailed: outcome === "failed", usage, costUsd });
      const isWarning = outcome === "failed";
      if (!log.shows(isWarning ? "WARNING" : "INFO")) return;
      const line = isWarning ? log.warning : log.info;
      line(`message ${outcome}`, {
        id,
        asked: about.asked,
        sent,
        backend,
        protocol,
        stream: about.stream,
        session: about.session,
        class: about.class,
        client: about.client,
        client_name: about.client_name,
        status: outcome === "client left" ? undefined : error ? statusOf(error) : 200,
        stop_reason: stopped,
        took_ms: tookMs,
        first_token_ms: firstToken,
        input_tokens: usage && promptTokens(usage),
        cached_tokens: usage?.cacheReadTokens,
        output_tokens: usage?.outputTokens,
        reasoning_tokens: usage?.reasoningTokens,
        cost_usd: costUsd,
        retries: retries || undefined,
        healed: healed.length || undefined,
        fallbacks: moves || undefined,
        error_type: fault && typeOf(fault),
        backend_status: fault?.upstreamStatus,
        backend_request_id: fault?.backendRequestId,
        error: fault?.message,
      });
    },
  };
}

/** What is kept about a message that has ended. */
export function writeEntry(
  start: MessageStart,
  place: Pick<MessageStart, "model" | "backend">,
  measurement: Measurement,
): MessageEntry {
  const { outcome, seconds, firstSeconds, usage, failure, costUsd, stopReason, retries, healed } =
    measurement;
  const kind = outcome === "failed" ? (failure ?? "internal") : undefined;
  return {
    id: start.id,
    startedAt: start.startedAt,
    client: start.client,
    session: start.session,
    class: start.class,
    asked: start.asked,
    model: place.model,
    backend: place.backend,
    stream: start.stream,
    status: outcome === "client left" ? 499 : kind === undefined ? 200 : statusOfKind(kind),
    error: kind,
    stopReason,
    tookMs: Math.round(seconds * 1000),
    firstTokenMs: firstSeconds === undefined ? undefined : Math.round(firstSeconds * 1000),
    inputTokens: usage ? promptTokens(usage) : 0,
    cachedTokens: usage?.cacheReadTokens ?? 0,
    cacheWriteTokens: usage?.cacheWriteTokens ?? 0,
    outputTokens: usage?.outputTokens ?? 0,
    reasoningTokens: usage?.reasoningTokens ?? 0,
    costUsd,
    retries,
    healed: healed.length === 0 ? none : healed.slice(0, maxHealed).map(cutName),
  };
}

/** Changes that are kept of one message. */
const maxHealed = 10;

/** In the words of Anthropic's API. */
const stopReasons: Readonly<Record<FinishReason, string>> = {
  stop: "end_turn",
  "tool-use": "tool_use",
  "stop-sequence": "stop_sequence",
  "max-tokens": "max_tokens",
  refusal: "refusal",
  "context-window": "model_context_window_exceeded",
  compaction: "compaction",
  pause: "pause_turn",
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
