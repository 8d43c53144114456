/**
 * Counters and histograms, kept in memory and read on demand. The number of series is bounded whatever the
 * labels say: beyond it everything is counted in one series, as OpenTelemetry's SDKs do.
 */

/** One line of an exposition. */
export type Sample = {
  /** What follows the name of the metric: `_total`, `_bucket`. */
  readonly suffix: string;
  /** A label without a value is the same as no label, and is not written. */
  readonly labels: readonly (readonly [name: string, value: string])[];
  readonly value: number;
};

type AboutMetric = {
  /** Without `_total`, which only the samples of a counter have. */
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  /** One line. */
  readonly help: string;
  /** What several processes have together. */
  readonly across: "sum" | "min" | "max";
};

export type Metric = AboutMetric & { samples(): Sample[] };

/** What a metric says at one moment. */
export type MetricReport = AboutMetric & { readonly samples: readonly Sample[] };

export function reportMetrics(metrics: readonly Metric[]): MetricReport[] {
  return metrics.map(({ name, type, help, across, samples }) => ({
    name,
    type,
    help,
    across,
    samples: samples(),
  }));
}

type About<Label extends string> = Pick<Metric, "name" | "help"> & { readonly labels: readonly Label[] };
type Labels<Label extends string> = Readonly<Record<Label, string>>;

/** One series of a counter. */
export type Count = { count: number };

/** One series of a histogram. */
export type Observations = {
  /** @param times how often the value was seen */
  observe(value: number, times?: number): void;
};

type CounterOf<Label extends string> = Metric & {
  add(labels: Labels<Label>, amount?: number): void;
  /** The series with these labels, which may be kept: to find it costs more than to count. */
  find(labels: Labels<Label>): Count;
};

type HistogramOf<Label extends string> = Metric & {
  /** @param times how often the value was seen */
  observe(labels: Labels<Label>, value: number, times?: number): void;
  /** The series with these labels, which may be kept. */
  find(labels: Labels<Label>): Observations;
};

/** Series of one metric. */
const maxSeries = 2000;
/** The value of every label in the series for all the rest. */
export const otherValue = "other";

export function createCounter<Label extends string>(about: About<Label>, max = maxSeries): CounterOf<Label> {
  const series = createSeries(about.labels, (): Count => ({ count: 0 }), max);
  return {
    ...about,
    type: "counter",
    across: "sum",
    add(labels, amount = 1) {
      series.find(labels).count += amount;
    },
    find: series.find,
    samples: () =>
      series.list().map(({ labels, state }) => ({ suffix: "_total", labels, value: state.count })),
  };
}

/** @param bounds upper bounds of the buckets, in ascending order, without infinity */
export function createHistogram<Label extends string>(
  about: About<Label> & { readonly bounds: readonly number[] },
  max = maxSeries,
): HistogramOf<Label> {
  const { bounds } = about;
  const names = [...bounds.map(writeBound), "+Inf"];
  const series = createSeries(about.labels, () => createObservations(bounds), max);
  return {
    ...about,
    type: "histogram",
    across: "sum",
    observe: (labels, value, times) => series.find(labels).observe(value, times),
    find: series.find,
    samples: () =>
      series.list().flatMap(({ labels, state }) => {
        let count = 0;
        const buckets = state.counts.map((own, place): Sample => {
          count += own;
          return { suffix: "_bucket", labels: [...labels, ["le", names[place] ?? ""]], value: count };
        });
        return [
          ...buckets,
          { suffix: "_count", labels, value: count },
          { suffix: "_sum", labels, value: state.sum },
        ];
      }),
  };
}

function createObservations(bounds: readonly number[]) {
  const state = {
    counts: [...bounds.map(() => 0), 0],
    sum: 0,
    observe(value: number, times = 1): void {
      let bucket = 0;
      while (bucket < bounds.length && !(value <= (bounds[bucket] ?? 0))) bucket += 1;
      state.counts[bucket] = (state.counts[bucket] ?? 0) + times;
      state.sum += value * times;
    },
  };
  return state;
}

/** A value that is looked up when it is read. */
export function createGauge(
  about: Pick<Metric, "name" | "help"> & {
    readonly labels?: Readonly<Record<string, string>>;
    readonly across?: Metric["across"];
  },
  read: () => number,
): Metric {
  const labels = Object.entries(about.labels ?? {});
  return { across: "sum", ...about, type: "gauge", samples: () => [{ suffix: "", labels, value: read() }] };
}

/** OpenMetrics demands the point in whole numbers. Written alike in both formats, it stays one series in both. */
function writeBound(bound: number): string {
  return Number.isInteger(bound) ? bound.toFixed(1) : String(bound);
}

function createSeries<Label extends string, State>(
  names: readonly Label[],
  create: () => State,
  max: number,
) {
  type Series = { readonly labels: Sample["labels"]; readonly state: State };
  const series = new Map<string, Series>();

  function add(key: string, textOf: (name: Label) => string): State {
    const state = create();
    series.set(key, { labels: names.map((name) => [name, textOf(name)] as const), state });
    return state;
  }

  return {
    find(labels: Labels<Label>): State {
      let key = "";
      for (const name of names) key += `${labels[name]}\n`;
      const known = series.get(key);
      if (known) return known.state;
      if (series.size < max) return add(key, (name) => labels[name]);
      return series.get("")?.state ?? add("", () => otherValue);
    },
    list: (): Series[] => [...series.values()],
  };
}
