/** What is counted of each message. Names and labels follow the rules of `metrics.ts`. */
import { statusOfKind } from "../anthropic/write-error.ts";
import type { ErrorKind } from "../errors.ts";
import { once } from "../lib/once.ts";
import { promptTokens } from "../reply.ts";
import {
  type Count,
  createCounter,
  createHistogram,
  type Metric,
  type Observations,
  otherValue,
} from "./create-series.ts";
import type { Measurement } from "./record.ts";

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

type MessageMetrics = {
  readonly metrics: readonly Metric[];
  /** Counts a message at its end. */
  readonly measure: (message: Measurement, labels: MessageLabels) => void;
};

type MessageMetricsOptions = {
  /** The values that labels may have; all others become `other`. */
  readonly backends: readonly string[];
  readonly classes: readonly string[];
  /** Series of one metric; for tests. */
  readonly maxSeries?: number;
};

/** Seconds. Those of the conventions end at 82; agents wait longer. Source: OpenTelemetry, GenAI metrics. */
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

export function createMessageMetrics({
  backends,
  classes,
  maxSeries,
}: MessageMetricsOptions): MessageMetrics {
  const knownBackends = new Set(backends);
  const knownClasses = new Set(classes);
  const found = new Map<string, MessageSeries>();
  /** Most messages are like the one before. */
  let last:
    | { readonly labels: MessageLabels; readonly end: MessageEnd; readonly series: MessageSeries }
    | undefined;
  const made = makeMetrics(maxSeries);

  function measure(message: Measurement, labels: MessageLabels): void {
    const { seconds, firstSeconds, chunks, usage, costUsd } = message;
    const isAnswered = message.outcome === "answered";
    const end = endOf(message);
    if (!last || last.end !== end || !areSame(last.labels, labels))
      last = { labels, end, series: findSeries(labels, end) };
    const { series } = last;
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
  }

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
    const series = openSeries(made, end, { backend, model, class: requestClass, client });
    found.set(key, series);
    return series;
  }

  function classOf(sent: string | undefined): string {
    if (sent === undefined) return "";
    return knownClasses.has(sent) ? sent : otherValue;
  }

  return { metrics: Object.values(made), measure };
}

function makeMetrics(maxSeries: number | undefined) {
  return {
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
  };
}

type MadeMetrics = ReturnType<typeof makeMetrics>;

/** A series begins with its first value: one without any would be written as zero. */
function openSeries(
  made: MadeMetrics,
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

function areSame(one: MessageLabels, other: MessageLabels): boolean {
  return (
    one.model === other.model &&
    one.backend === other.backend &&
    one.isTier === other.isTier &&
    one.requestClass === other.requestClass &&
    one.clientName === other.clientName
  );
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
