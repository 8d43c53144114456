/**
 * Collects what is worth logging about one message while it passes, and logs it as one line at the end. Each field has
 * one unit, which its name tells; the token counts end like OpenTelemetry's (`gen_ai.usage.input_tokens`).
 */
import { statusOf, typeOf } from "../anthropic/write-error.ts";
import type { ErrorKind, ProxyError } from "../errors.ts";
import { type Repeated, shareInterval } from "../lib/share-interval.ts";
import { type FinishReason, isSeen, promptTokens, type ReplyEvent, type Usage } from "../reply.ts";
import { costOf, type Price } from "./cost.ts";
import type { Log } from "./log.ts";

export type Outcome = "answered" | "client left" | "failed";

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

/** What is seen of one message, from its plan to its end. */
export class MessageRecord {
  readonly #log: Log;
  readonly #about: MessageFacts;
  readonly #options: RecordOptions;
  readonly #started = performance.now();
  readonly #wait: Repeated;
  #place: MessagePlace;
  #moves = 0;
  #firstToken: number | undefined;
  #usage: Usage | undefined;
  #failure: ProxyError | undefined;
  #stopReason: string | undefined;
  #callsTools = false;
  #retries = 0;
  #healed = none;
  #chunks = 0;
  #isOver = false;
  #toldAt = 0;

  constructor(log: Log, about: MessageFacts, options: RecordOptions = {}) {
    this.#log = log;
    this.#about = about;
    this.#place = about;
    this.#options = options;
    this.#wait = shareInterval(this.#tellWait, this.#waitMs / checksPerWait);
  }

  get #waitMs(): number {
    return this.#options.waitMs ?? usualWaitMs;
  }

  readonly #tellWait = (): void => {
    const ms = this.#elapsed();
    if (ms - this.#toldAt < this.#waitMs) return;
    this.#toldAt = ms;
    const { sent, backend } = this.#place;
    const seconds = Math.round(ms / 1000);
    this.#log.info(`Still waiting for the first token, ${seconds} s`, { id: this.#about.id, sent, backend });
  };

  #elapsed(): number {
    return Math.round(performance.now() - this.#started);
  }

  see(facts: readonly ReplyEvent[]): void {
    this.#chunks += 1;
    if (this.#firstToken === undefined && facts.some(isToken)) {
      this.#firstToken = this.#elapsed();
      this.#wait.stop();
    }
    for (const fact of facts) this.#note(fact);
  }

  #note(fact: ReplyEvent): void {
    switch (fact.type) {
      case "usage":
        this.#usage = fact.usage;
        return;
      case "failure":
        this.#failure = fact.error;
        return;
      case "tool-start":
        this.#callsTools = true;
        return;
      case "finish":
        this.#stopReason = fact.reason === "stop" && this.#callsTools ? "tool_use" : stopReasons[fact.reason];
    }
  }

  /** The request is sent again, before the client has seen anything. */
  readonly again = (why: {
    readonly kind: "corrected" | "repeated";
    readonly change?: string;
    readonly error: string;
  }): void => {
    if (why.kind === "repeated") this.#retries += 1;
    else this.#healed = [...this.#healed, why.change ?? ""];
    const { kind, ...reason } = why;
    this.#log.info(kind === "corrected" ? "Sending the corrected request" : "Sending the request again", {
      id: this.#about.id,
      backend: this.#place.backend,
      ...reason,
    });
  };

  /** The request goes to another target of its route, or with another key. */
  move({
    sent,
    backend,
    protocol,
    ...how
  }: MessagePlace & { readonly from: string; readonly to: string; readonly error: string }): void {
    this.#place = { sent, backend, protocol };
    this.#moves += 1;
    this.#log.warning("Trying the next target of the route", { id: this.#about.id, ...how });
  }

  readonly progress = (): MessageProgress => ({ firstTokenMs: this.#firstToken, chunks: this.#chunks });

  /** The usage that the backend reported, if nothing failed. */
  usage(): Usage | undefined {
    return this.#failure ? undefined : this.#usage;
  }

  /**
   * An answer that contained a failure counts as failed, however it ended.
   * @param error what the client is told with a status of its own
   */
  end(how: Outcome, error?: ProxyError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#wait.stop();
    const tookMs = this.#elapsed();
    if (how === "failed") this.#failure ??= error;
    const usage = this.#usage;
    const firstToken = this.#firstToken;
    const outcome = how === "answered" && this.#failure ? "failed" : how;
    const isFailed = outcome === "failed";
    const costUsd = usage && costOf(usage, this.#options.price?.());
    const measurement: Measurement = {
      outcome,
      seconds: tookMs / 1000,
      firstSeconds: firstToken === undefined ? undefined : firstToken / 1000,
      chunks: this.#chunks,
      usage,
      costUsd,
      stopReason: isFailed && this.#failure ? undefined : this.#stopReason,
      failure: this.#failure?.kind,
      retries: this.#retries,
      healed: this.#healed,
    };
    this.#options.measure?.(measurement);
    if (this.#log.shows(isFailed ? "WARNING" : "INFO")) this.#tellEnd(measurement, tookMs, error);
  }

  #tellEnd({ outcome, usage, costUsd, stopReason }: Measurement, tookMs: number, error?: ProxyError): void {
    const about = this.#about;
    const { sent, backend, protocol } = this.#place;
    const fault = outcome === "failed" ? this.#failure : undefined;
    const tell = outcome === "failed" ? this.#log.warning : this.#log.info;
    tell(`message ${outcome}`, {
      id: about.id,
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
      stop_reason: stopReason,
      took_ms: tookMs,
      first_token_ms: this.#firstToken,
      input_tokens: usage && promptTokens(usage),
      cached_tokens: usage?.cacheReadTokens,
      output_tokens: usage?.outputTokens,
      reasoning_tokens: usage?.reasoningTokens,
      cost_usd: costUsd,
      retries: this.#retries || undefined,
      healed: this.#healed.length || undefined,
      fallbacks: this.#moves || undefined,
      error_type: fault && typeOf(fault),
      backend_status: fault?.upstreamStatus,
      backend_request_id: fault?.backendRequestId,
      error: fault?.message,
    });
  }
}

function isToken(fact: ReplyEvent): boolean {
  return fact.type !== "failure" && isSeen(fact);
}

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
