/**
 * Metrics as text, in the two formats that monitors read. Sources: Prometheus text format 0.0.4; OpenMetrics 1.0.
 */
import { qualityOf } from "../lib/read-accept.ts";
import type { MetricReport, Sample } from "./create-series.ts";

type ExpositionFormat = "prometheus" | "openmetrics";

export const contentTypes: Readonly<Record<ExpositionFormat, string>> = {
  prometheus: "text/plain; version=0.0.4; charset=utf-8",
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
};

/** The format that an `Accept` header prefers; Prometheus text for clients that do not say. */
export function chooseExposition(accept: string): ExpositionFormat {
  const openmetrics = qualityOf("application/openmetrics-text", accept);
  return openmetrics > 0 && openmetrics >= qualityOf("text/plain", accept) ? "openmetrics" : "prometheus";
}

export function writeExposition(metrics: readonly MetricReport[], format: ExpositionFormat): string {
  const end = format === "openmetrics" ? "# EOF\n" : "";
  return metrics.map((metric) => writeMetric(metric, format)).join("") + end;
}

function writeMetric(metric: MetricReport, format: ExpositionFormat): string {
  const { type, help } = metric;
  // Only OpenMetrics tells the counter from its samples.
  const name = type === "counter" && format === "prometheus" ? `${metric.name}_total` : metric.name;
  const head = `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
  return metric.samples.reduce<string>((text, sample) => text + writeSample(metric.name, sample), head);
}

function writeSample(name: string, { suffix, labels, value }: Sample): string {
  const pairs = labels
    .filter(([, text]) => text !== "")
    .map(([label, text]) => `${label}="${escapeValue(text)}"`);
  return `${name}${suffix}${pairs.length > 0 ? `{${pairs.join(",")}}` : ""} ${value}\n`;
}

const escapes: Readonly<Record<string, string>> = { "\\": "\\\\", '"': '\\"', "\n": "\\n" };

/** A name of a model may contain anything. */
function escapeValue(text: string): string {
  return text.toWellFormed().replace(/[\\"\n]/g, (sign) => escapes[sign] ?? sign);
}
