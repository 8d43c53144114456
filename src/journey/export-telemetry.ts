/**
 * Sends telemetry to an OpenTelemetry collector, in the background: spans in batches, metrics once a minute. What
 * cannot be sent is lost, with one warning until it works again.
 */
import { writeJson } from "../lib/json.ts";
import type { MetricReport } from "../telemetry/create-series.ts";
import type { Log } from "../telemetry/log.ts";
import { writeMetrics } from "../telemetry/otlp/write-metrics.ts";
import type { TelemetrySource } from "../telemetry/otlp/write-resource.ts";
import { type TracedMessage, writeSpans } from "../telemetry/otlp/write-spans.ts";
import { describeFault } from "../upstream/transport/find-connection-fault.ts";
import type { Sender } from "../upstream/transport/send.ts";

export type TelemetryExport = {
  /** Returns at once, and never throws. */
  keep(message: TracedMessage): void;
  /** Sends what waits, and the metrics as they are now. */
  close(): Promise<void>;
};

type ExportOptions = {
  /** `/v1/traces` and `/v1/metrics` are added to it. */
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly source: TelemetrySource;
  readonly sender: Sender;
  readonly log: Log;
  readonly metrics: () => readonly MetricReport[];
  readonly spanMs?: number;
  readonly metricMs?: number;
};

const usualSpanMs = 5000;
const usualMetricMs = 60_000;
/** Spans that may wait, and how many are sent at once. */
const maxWaiting = 2048;
const maxBatch = 512;
/** How long a collector may be silent, and how long the end may take, ms. */
const silenceMs = 10_000;
const closeMs = 2000;
const maxAnswerBytes = 64 * 1024;

export function createTelemetryExport(options: ExportOptions): TelemetryExport {
  const { endpoint, headers, source, sender, log, metrics } = options;
  const { spanMs = usualSpanMs, metricMs = usualMetricMs } = options;
  const startedAt = Date.now();
  const ended = new AbortController();
  let waiting: TracedMessage[] = [];
  let lost = 0;
  let hasFailed = false;
  let isSending = false;

  async function post(path: string, body: unknown): Promise<void> {
    try {
      const answer = await sender.send({
        method: "POST",
        url: `${endpoint}${path}`,
        headers: { ...headers, "content-type": "application/json" },
        body: writeJson(body),
        silenceMs,
        signal: ended.signal,
      });
      const text = await answer.text(maxAnswerBytes);
      if (answer.status >= 300)
        throw new Error(`The collector answers ${answer.status} ${text.slice(0, 200)}`.trim());
      hasFailed = false;
    } catch (thrown) {
      if (!hasFailed && !ended.signal.aborted)
        log.warning("Cannot send telemetry to OTEL_EXPORTER_OTLP_ENDPOINT; requests go on without it", {
          error: describeFault(thrown),
        });
      hasFailed = true;
    }
  }

  /** One request at a time: a slow collector gets no more of them. */
  async function sendSpans(): Promise<void> {
    if (isSending) return;
    isSending = true;
    while (waiting.length > 0) {
      const batch = waiting.slice(0, maxBatch);
      waiting = waiting.slice(maxBatch);
      await post("/v1/traces", writeSpans(batch, source));
    }
    isSending = false;
    // While the collector fails, the one warning has said so.
    if (lost === 0 || hasFailed) return;
    log.warning("Lost spans, because they came faster than the collector took them", { lost });
    lost = 0;
  }

  const sendMetrics = () =>
    post("/v1/metrics", writeMetrics(metrics(), source, { startedAt, now: Date.now() }));

  const timers = [setInterval(sendSpans, spanMs), setInterval(sendMetrics, metricMs)];
  for (const timer of timers) timer.unref();

  return {
    keep(message) {
      if (!message.trace.isSampled) return;
      if (waiting.length < maxWaiting) waiting.push(message);
      else lost += 1;
    },
    async close() {
      for (const timer of timers) clearInterval(timer);
      const late = setTimeout(() => ended.abort(), closeMs);
      await Promise.all([sendSpans(), sendMetrics()]);
      clearTimeout(late);
    },
  };
}
