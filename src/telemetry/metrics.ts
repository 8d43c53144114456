/**
 * What the proxy counts, under which names. Names that begin with `gen_ai` are those of OpenTelemetry's conventions for
 * generative AI, as Prometheus writes them; the others are ours. All values of labels come from sets that are known
 * beforehand: never from a prompt, a key, or a name that a client may choose.
 */
import { statusOfKind } from "../anthropic/write-error.ts";
import { type ErrorKind, toProxyError } from "../errors.ts";
import { once } from "../lib/once.ts";
import { build, version } from "../version.ts";
import {
  type Count,
  createCounter,
  createGauge,
  createHistogram,
  type Metric,
  type MetricReport,
  type Observations,
  otherValue,
  reportMetrics,
} from "./create-series.ts";
import { describeThrown, type Log } from "./log.ts";
import type { Measurement } from "./record.ts";
import { promptTokens } from "./tally.ts";

/** What the labels of a message say. */
export type MessageLabels = {
  readonly backend: string;
  /** The backend's name of the model. */
  readonly model: string;
  /** Whether the client asked for a tier, so that the operator has chosen the model. */
  readonly isTier: boolean;
  /** What the client calls the kind of its request, if it does. */
  readonly requestClass: string | undefined;
  /** Of the key that it sent, as the operator has named it. */
  readonly clientName?: string | undefined;
};

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
  /** Series of one metric; for tests. */
  readonly maxSeries?: number;
};

/**
 * Seconds. Those of the conventions end at 82; agents wait longer. Source: OpenTelemetry, GenAI metrics.
 */
const durations = [
  0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92, 163.84, 327.68,
  655.36,
];
const firstChunks = [0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30, 60, 120];
const chunkTimes = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5,
];
const tokenCounts = [
  1, 4, 16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864,
];

/** Kinds of messages whose series are at hand. */
const maxFound = 1000;

type MessageEnd = ErrorKind | "client-left" | "";

/** Where a message is counted. */
type MessageSeries = Readonly<
  Record<"duration" | "firstChunk" | "chunkTime" | "inputTokens" | "outputTokens", () => Observations> &
    Record<"requests" | "cost" | "uncached" | "cacheRead" | "cacheWritten", () => Count>
>;

const common = ["gen_ai_operation_name", "gen_ai_provider_name", "gen_ai_request_model"] as const;

export function createMetrics({ log, backends, classes, state, maxSeries }: MetricsOptions): Metrics {
  const knownBackends = new Set(backends);
  const knownClasses = new Set(classes);
  const found = new Map<string, MessageSeries>();
  const made = {
    duration: createHistogram(
      {
        name: "gen_ai_client_operation_duration_seconds",
        help: "How long messages took, from the plan to their last byte.",
        labels: [...common, "error_type"],
        bounds: durations,
      },
      maxSeries,
    ),
    firstChunk: createHistogram(
      {
        name: "gen_ai_client_operation_time_to_first_chunk_seconds",
        help: "How long it took until the first piece of an answer.",
        labels: common,
        bounds: firstChunks,
      },
      maxSeries,
    ),
    chunkTime: createHistogram(
      {
        name: "gen_ai_client_operation_time_per_output_chunk_seconds",
        help: "Time between two pieces of an answer; each counts with the mean of its answer.",
        labels: common,
        bounds: chunkTimes,
      },
      maxSeries,
    ),
    tokens: createHistogram(
      {
        name: "gen_ai_client_token_usage",
        help: "Tokens of a message as the backend reports them; input includes what was cached.",
        labels: [...common, "gen_ai_token_type"],
        bounds: tokenCounts,
      },
      maxSeries,
    ),
    requests: createCounter(
      {
        name: "claude_code_proxy_requests",
        help: "Messages that have ended, whether answered, failed or left by the client (499).",
        labels: ["backend", "model", "class", "client", "status", "error_type"],
      },
      maxSeries,
    ),
    promptTokens: createCounter(
      {
        name: "claude_code_proxy_prompt_tokens",
        help: "Tokens of prompts: read from a cache, written to one, or neither.",
        labels: ["backend", "model", "cache"],
      },
      maxSeries,
    ),
    cost: createCounter(
      {
        name: "claude_code_proxy_cost_dollars",
        help: "What messages cost, as the backend says or by the prices in its list; those without either are not in it.",
        labels: ["backend", "model", "client"],
      },
      maxSeries,
    ),
    refused: createCounter(
      {
        name: "claude_code_proxy_refused_requests",
        help: "Requests that the proxy refused before it asked a backend.",
        labels: ["reason"],
      },
      maxSeries,
    ),
    retries: createCounter(
      {
        name: "claude_code_proxy_retries",
        help: "Requests that were sent to the backend once more, by what the last attempt ended in.",
        labels: ["reason"],
      },
      maxSeries,
    ),
    fallbacks: createCounter(
      {
        name: "claude_code_proxy_fallbacks",
        help: "Messages that went on to the next target of their route, or to another key, by what failed.",
        labels: ["reason"],
      },
      maxSeries,
    ),
    healed: createCounter(
      {
        name: "claude_code_proxy_healed_parameters",
        help: "Changes to a request that a backend's refusal asked for, and that worked.",
        labels: ["change"],
      },
      maxSeries,
    ),
    delay: createHistogram({
      name: "claude_code_proxy_event_loop_delay_seconds",
      help: "How late a timer was, measured twice a second from the first scrape on.",
      labels: [],
      bounds: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    }),
  };
  const metrics: readonly Metric[] = [
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
      (
        (started) => () =>
          started
      )(Date.now() / 1000),
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
    measure: safely((message, labels) => {
      const { seconds, firstSeconds, chunks, usage, costUsd } = message;
      const isAnswered = message.outcome === "answered";
      const series = findSeries(labels, endOf(message));
      series.duration().observe(seconds);
      series.requests().count += 1;
      // The only thing that was read may have been the failure.
      if (firstSeconds !== undefined && (chunks > 1 || message.outcome !== "failed")) {
        series.firstChunk().observe(firstSeconds);
        if (chunks > 1 && isAnswered)
          series.chunkTime().observe((seconds - firstSeconds) / (chunks - 1), chunks - 1);
      }
      if (costUsd !== undefined) series.cost().count += costUsd;
      if (!usage) return;
      series.inputTokens().observe(promptTokens(usage));
      series.outputTokens().observe(usage.outputTokens);
      series.uncached().count += usage.inputTokens;
      series.cacheRead().count += usage.cacheReadTokens;
      series.cacheWritten().count += usage.cacheWriteTokens;
    }),
    refuse: safely((thrown) => made.refused.add({ reason: toProxyError(thrown).kind })),
    retry: safely((reason) => made.retries.add({ reason })),
    fallBack: safely((reason) => made.fallbacks.add({ reason })),
    heal: safely((change) => made.healed.add({ change })),
    list() {
      startDelay();
      return reportMetrics(metrics);
    },
  };

  /** Found once for all messages that are alike, because to find them costs more than to count. */
  function findSeries(labels: MessageLabels, end: MessageEnd): MessageSeries {
    const backend = knownBackends.has(labels.backend) ? labels.backend : otherValue;
    const model = labels.isTier ? labels.model : otherValue;
    const requestClass = classOf(labels.requestClass);
    const client = labels.clientName ?? "";
    const key = `${end} ${backend} ${requestClass}\n${model}\n${client}`;
    const known = found.get(key);
    if (known) return known;
    if (found.size >= maxFound) found.clear();
    const series = openSeries(end, { backend, model, class: requestClass, client });
    found.set(key, series);
    return series;
  }

  /** A series begins with its first value: one without any would be written as zero. */
  function openSeries(
    end: MessageEnd,
    labels: Readonly<Record<"backend" | "model" | "class" | "client", string>>,
  ): MessageSeries {
    const { backend, model, client } = labels;
    const about = {
      gen_ai_operation_name: "chat",
      gen_ai_provider_name: backend,
      gen_ai_request_model: model,
    };
    const status = String(end === "" ? 200 : end === "client-left" ? 499 : statusOfKind(end));
    return {
      duration: once(() => made.duration.find({ ...about, error_type: end })),
      requests: once(() => made.requests.find({ ...labels, status, error_type: end })),
      firstChunk: once(() => made.firstChunk.find(about)),
      chunkTime: once(() => made.chunkTime.find(about)),
      cost: once(() => made.cost.find({ backend, model, client })),
      inputTokens: once(() => made.tokens.find({ ...about, gen_ai_token_type: "input" })),
      outputTokens: once(() => made.tokens.find({ ...about, gen_ai_token_type: "output" })),
      uncached: once(() => made.promptTokens.find({ backend, model, cache: "none" })),
      cacheRead: once(() => made.promptTokens.find({ backend, model, cache: "read" })),
      cacheWritten: once(() => made.promptTokens.find({ backend, model, cache: "write" })),
    };
  }

  function classOf(sent: string | undefined): string {
    if (sent === undefined) return "";
    return knownClasses.has(sent) ? sent : otherValue;
  }
}

/** What went wrong with a message; empty if nothing did. */
function endOf({ outcome, failure }: Measurement): MessageEnd {
  switch (outcome) {
    case "answered":
      return "";
    case "failed":
      return failure ?? "internal";
    case "client left":
      return "client-left";
    default:
      return outcome satisfies never;
  }
}

const delayMs = 500;

/** Measures how late a timer is. It runs only where somebody asked for metrics, and keeps no process alive. */
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
