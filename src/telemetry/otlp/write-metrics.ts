/** The metrics of `GET /metrics` under the names that OpenTelemetry has for them. */
import type { MetricReport, Sample } from "../create-series.ts";
import { type TelemetrySource, writeAttributes, writeSource, writeTime } from "./write-resource.ts";

const cumulative = 2;

type Period = {
  /** When counting began, and now; Unix time, ms. */
  readonly startedAt: number;
  readonly now: number;
};

/** The body of a request to `/v1/metrics`. */
export function writeMetrics(reports: readonly MetricReport[], source: TelemetrySource, span: Period) {
  const { resource, scope } = writeSource(source);
  return {
    resourceMetrics: [
      { resource, scopeMetrics: [{ scope, metrics: reports.map((report) => writeMetric(report, span)) }] },
    ],
  };
}

/** Prometheus has units in names, and no dots. */
const units: readonly (readonly [suffix: string, unit: string])[] = [
  ["_seconds", "s"],
  ["_bytes", "By"],
  ["_dollars", "{USD}"],
];

function writeMetric(report: MetricReport, span: Period) {
  const { name, help: description, type } = report;
  const about = { ...nameIt(name), description };
  const times = { startTimeUnixNano: writeTime(span.startedAt), timeUnixNano: writeTime(span.now) };
  switch (type) {
    case "counter":
      return {
        ...about,
        sum: {
          aggregationTemporality: cumulative,
          isMonotonic: true,
          dataPoints: writePoints(report, times),
        },
      };
    case "gauge":
      return { ...about, gauge: { dataPoints: writePoints(report, times) } };
    case "histogram":
      return {
        ...about,
        histogram: { aggregationTemporality: cumulative, dataPoints: writeHistogram(report, times) },
      };
    default:
      return type satisfies never;
  }
}

/** `gen_ai_client_operation_duration_seconds` is `gen_ai.client.operation.duration`; all of ours have one dot. */
function nameIt(name: string): { readonly name: string; readonly unit: string } {
  const [suffix = "", unit = name === "gen_ai_client_token_usage" ? "{token}" : "1"] =
    units.find(([end]) => name.endsWith(end)) ?? [];
  const bare = name.slice(0, name.length - suffix.length);
  const [, rest] = /^gen_ai_client_(.*)$/.exec(bare) ?? [];
  if (rest === undefined)
    return { name: bare.replace(/^claude_code_proxy_|^process_/, (room) => `${room.slice(0, -1)}.`), unit };
  return { name: `gen_ai.client.${rest.replace(/^(operation|token)_/, "$1.")}`, unit };
}

/** Labels of the conventions, which Prometheus writes without dots. */
const labels: Readonly<Record<string, string>> = {
  gen_ai_operation_name: "gen_ai.operation.name",
  gen_ai_provider_name: "gen_ai.provider.name",
  gen_ai_request_model: "gen_ai.request.model",
  gen_ai_token_type: "gen_ai.token.type",
  error_type: "error.type",
};

function nameLabels(sample: Sample) {
  const own = sample.labels.filter(([label]) => label !== "le");
  return writeAttributes(Object.fromEntries(own.map(([label, text]) => [labels[label] ?? label, text])));
}

type Times = { readonly startTimeUnixNano: string; readonly timeUnixNano: string };

function writePoints({ samples }: MetricReport, times: Times) {
  return samples.map((sample) => ({ ...times, attributes: nameLabels(sample), asDouble: sample.value }));
}

/** Prometheus counts a value in every bucket above it, OTLP only in its own. */
function writeHistogram({ samples }: MetricReport, times: Times) {
  const points = Map.groupBy(samples, (sample) =>
    JSON.stringify(sample.labels.filter(([label]) => label !== "le")),
  );
  return [...points.values()].map((own) => {
    const buckets = own.filter(({ suffix }) => suffix === "_bucket");
    const find = (name: string) => own.find(({ suffix }) => suffix === name)?.value ?? 0;
    const boundOf = ({ labels: pairs }: Sample) => Number(pairs.find(([label]) => label === "le")?.[1]);
    return {
      ...times,
      attributes: own[0] ? nameLabels(own[0]) : [],
      count: String(find("_count")),
      sum: find("_sum"),
      bucketCounts: buckets.map(({ value }, place) => String(value - (buckets[place - 1]?.value ?? 0))),
      explicitBounds: buckets.map(boundOf).filter((bound) => Number.isFinite(bound)),
    };
  });
}
