/** The metrics of several processes as those of one. */
import type { MetricReport, Sample } from "./create-series.ts";

/** In the order of the first report. */
export function mergeMetrics(reports: readonly (readonly MetricReport[])[]): readonly MetricReport[] {
  if (reports.length === 1) return reports[0] ?? [];
  const merged = new Map<string, { readonly about: MetricReport; readonly samples: Map<string, Sample> }>();
  for (const { samples, ...about } of reports.flat()) {
    const metric = merged.get(about.name) ?? { about: { ...about, samples: [] }, samples: new Map() };
    merged.set(about.name, metric);
    for (const sample of samples) {
      const key = JSON.stringify([sample.suffix, sample.labels]);
      const known = metric.samples.get(key);
      metric.samples.set(
        key,
        known ? { ...sample, value: combine(about, known.value, sample.value) } : sample,
      );
    }
  }
  return [...merged.values()].map(({ about, samples }) => ({ ...about, samples: [...samples.values()] }));
}

function combine({ across }: Pick<MetricReport, "across">, one: number, other: number): number {
  switch (across) {
    case "sum":
      return one + other;
    case "min":
      return Math.min(one, other);
    case "max":
      return Math.max(one, other);
    default:
      return across satisfies never;
  }
}
