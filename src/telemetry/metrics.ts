/**
 * What the proxy counts, under which names. Names that begin with `gen_ai` are those of OpenTelemetry's conventions for
 * generative AI, as Prometheus writes them; the others are ours. All values of labels come from sets that are known
 * in advance: never from a prompt, a key, or a name that a client may choose.
 */
import { type ErrorKind, toProxyError } from "../errors.ts";
import { build, version } from "../version.ts";
import {
  createCounter,
  createGauge,
  createHistogram,
  type Metric,
  type MetricReport,
  reportMetrics,
} from "./create-series.ts";
import { describeThrown, type Log } from "./log.ts";
import { createMessageMetrics, type MessageLabels } from "./message-metrics.ts";
import type { Measurement } from "./record.ts";

/** Why a request was sent to the backend once more. */
export type RetryReason = ErrorKind | "correction" | "empty";

/** Nothing here throws: what cannot be counted is one line in the log. */
export type Metrics = {
  /** A message at its end. */
  measure(message: Measurement, labels: MessageLabels): void;
  /** A request that the proxy has refused, before a backend was asked. */
  refuse(thrown: unknown): void;
  retry(reason: RetryReason): void;
  /** A message went on to the next target of its route, or to another key. */
  fallBack(reason: ErrorKind): void;
  /** A refusal was answered with a change to the request, and that worked. */
  heal(change: string): void;
  list(): readonly MetricReport[];
};

type MetricsOptions = {
  readonly log: Log;
  /** The values that labels may have; all others become `other`. */
  readonly backends: readonly string[];
  readonly classes: readonly string[];
  /** What is the case at the moment; called for every scrape. */
  readonly state: {
    readonly inFlight: () => number;
    readonly bodyBytes: () => number;
    readonly upstreamInFlight: () => number;
    readonly queued: () => number;
  };
};

export function createMetrics({ log, backends, classes, state }: MetricsOptions): Metrics {
  const startedAt = Date.now() / 1000;
  const messages = createMessageMetrics({ backends, classes });
  const made = {
    refused: createCounter({
      name: "claude_code_proxy_refused_requests",
      help: "Requests that the proxy refused before it asked a backend.",
      labels: ["reason"],
    }),
    retries: createCounter({
      name: "claude_code_proxy_retries",
      help: "Requests that were sent to the backend once more, by what the last attempt ended in.",
      labels: ["reason"],
    }),
    fallbacks: createCounter({
      name: "claude_code_proxy_fallbacks",
      help: "Messages that went on to the next target of their route, or to another key, by what failed.",
      labels: ["reason"],
    }),
    healed: createCounter({
      name: "claude_code_proxy_healed_parameters",
      help: "Changes to a request that a backend's refusal asked for, and that worked.",
      labels: ["change"],
    }),
    delay: createHistogram({
      name: "claude_code_proxy_event_loop_delay_seconds",
      help: "How late a timer was, measured twice a second from the first scrape on.",
      labels: [],
      bounds: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    }),
  };
  const metrics: readonly Metric[] = [
    ...messages.metrics,
    ...Object.values(made),
    createGauge(
      { name: "claude_code_proxy_in_flight_requests", help: "Requests in progress." },
      state.inFlight,
    ),
    createGauge(
      { name: "claude_code_proxy_upstream_in_flight_requests", help: "Open requests to backends." },
      state.upstreamInFlight,
    ),
    createGauge(
      {
        name: "claude_code_proxy_queued_requests",
        help: "Requests that wait for a place at a backend that answers few at once.",
      },
      state.queued,
    ),
    createGauge(
      { name: "claude_code_proxy_held_body_bytes", help: "Memory held for the bodies of requests." },
      state.bodyBytes,
    ),
    createGauge(
      {
        name: "claude_code_proxy_build_info",
        help: "Always 1; the labels say which version this is.",
        labels: { version, commit: build.commit ?? "" },
        across: "max",
      },
      () => 1,
    ),
    createGauge(
      {
        name: "process_start_time_seconds",
        help: "When the process began, as Unix time.",
        across: "min",
      },
      () => startedAt,
    ),
  ];

  let hasFailed = false;
  /** A metric that fails harms no request. */
  function safely<Args extends readonly unknown[]>(count: (...args: Args) => void): (...args: Args) => void {
    return (...args) => {
      try {
        count(...args);
      } catch (thrown) {
        if (!hasFailed) log.error("Cannot count a request", { error: describeThrown(thrown) });
        hasFailed = true;
      }
    };
  }

  const startDelay = createDelayClock((seconds) => made.delay.observe({}, seconds));

  return {
    measure: safely(messages.measure),
    refuse: safely((thrown) => made.refused.add({ reason: toProxyError(thrown).kind })),
    retry: safely((reason) => made.retries.add({ reason })),
    fallBack: safely((reason) => made.fallbacks.add({ reason })),
    heal: safely((change) => made.healed.add({ change })),
    list() {
      startDelay();
      return reportMetrics(metrics);
    },
  };
}

const delayMs = 500;

/** Measures how late a timer is. It runs from the first scrape on, and keeps no process alive. */
function createDelayClock(tell: (seconds: number) => void): () => void {
  let due: number | undefined;
  return () => {
    if (due !== undefined) return;
    due = performance.now() + delayMs;
    setInterval(() => {
      const now = performance.now();
      tell(Math.max(0, now - (due ?? now)) / 1000);
      due = now + delayMs;
    }, delayMs).unref();
  };
}
