/**
 * A strict reader of the two text formats of metrics. It refuses what Prometheus forgives. Sources: Prometheus text
 * format 0.0.4; OpenMetrics 1.0.
 */
export const expositionFormats = ["prometheus", "openmetrics"] as const;
export type ExpositionFormat = (typeof expositionFormats)[number];

type Series = {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
};
type ParsedMetric = {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly series: Series[];
};

const suffixes: Readonly<Record<string, readonly string[]>> = {
  gauge: [""],
  histogram: ["_bucket", "_count", "_sum"],
};
const sampleLine = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const label = /^([a-zA-Z_]\w*)="((?:[^"\\]|\\[\\n"])*)"(?:,(?=.)|$)/;

/** @throws Error for the first thing that the format does not allow */
export function parseExposition(text: string, format: ExpositionFormat): Map<string, ParsedMetric> {
  if (!text.endsWith("\n")) throw new Error("The last line has no end");
  const lines = text.slice(0, -1).split("\n");
  if (format === "openmetrics" && lines.pop() !== "# EOF") throw new Error("No EOF");
  const metrics = new Map<string, ParsedMetric>();
  const seen = new Set<string>();
  let current: ParsedMetric | undefined;
  let help: readonly [name: string, text: string] | undefined;
  for (const line of lines) {
    const comment = /^# (HELP|TYPE) ([a-zA-Z_:][\w:]*) (.+)$/.exec(line);
    if (comment) {
      const [, word, name = "", rest = ""] = comment;
      if (word === "HELP") {
        help = [name, rest];
        continue;
      }
      if (help?.[0] !== name) throw new Error(`TYPE without HELP: ${line}`);
      if (metrics.has(name)) throw new Error(`Twice: ${line}`);
      if (!["counter", "gauge", "histogram"].includes(rest)) throw new Error(`Unknown type: ${line}`);
      current = { name, type: rest, help: help[1], series: [] };
      metrics.set(name, current);
      continue;
    }
    const [, name = "", labels = "", value = ""] = sampleLine.exec(line) ?? [];
    if (!current || !name) throw new Error(`Not a sample: ${line}`);
    const allowed =
      current.type === "counter"
        ? [format === "openmetrics" ? "_total" : ""]
        : (suffixes[current.type] ?? []);
    if (!allowed.some((suffix) => name === current?.name + suffix)) throw new Error(`Wrong place: ${line}`);
    if (!/^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/.test(value)) throw new Error(`Not a number: ${line}`);
    if (seen.has(`${name}{${labels}}`)) throw new Error(`Twice: ${line}`);
    seen.add(`${name}{${labels}}`);
    current.series.push({ name, labels: parseLabels(labels), value: Number(value) });
  }
  for (const metric of metrics.values()) if (metric.type === "histogram") checkBuckets(metric);
  return metrics;
}

function parseLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (let rest = text; rest !== ""; ) {
    const [all = "", name = "", value = ""] = label.exec(rest) ?? [];
    if (!all || name in labels) throw new Error(`Not labels: ${text}`);
    labels[name] = value.replace(/\\(.)/g, (_, sign: string) => (sign === "n" ? "\n" : sign));
    rest = rest.slice(all.length);
  }
  return labels;
}

/** Buckets ascend, in bounds and in counts; the last is infinite and holds as many as `_count` says. */
function checkBuckets({ name, series }: ParsedMetric): void {
  const keyOf = ({ le: _, ...labels }: Readonly<Record<string, string>>) => JSON.stringify(labels);
  for (const [key, group] of Map.groupBy(series, ({ labels }) => keyOf(labels))) {
    const buckets = group.filter((sample) => sample.name.endsWith("_bucket"));
    const count = group.find((sample) => sample.name.endsWith("_count"));
    const sum = group.find((sample) => sample.name.endsWith("_sum"));
    if (!count || !sum || buckets.at(-1)?.labels.le !== "+Inf" || buckets.at(-1)?.value !== count.value)
      throw new Error(`An incomplete histogram: ${name} ${key}`);
    const bounds = buckets.map(({ labels }) => Number(labels.le?.replace("+Inf", "Infinity")));
    const isAscending = (list: readonly number[], isNext: (one: number, next: number) => boolean) =>
      list.every((one, place) => place === 0 || isNext(list[place - 1] ?? 0, one));
    if (!isAscending(bounds, (one, next) => one < next)) throw new Error(`Bounds out of order: ${name}`);
    if (
      !isAscending(
        buckets.map(({ value }) => value),
        (one, next) => one <= next,
      )
    )
      throw new Error(`Counts that fall: ${name}`);
  }
}

/** The value of the series that has these labels, and no others besides `le`. */
export function findValue(
  metrics: ReadonlyMap<string, ParsedMetric>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const metric = metrics.get(name) ?? metrics.get(name.replace(/_(?:total|count|sum|bucket)$/, ""));
  return metric?.series.find((sample) => sample.name === name && Bun.deepEquals(sample.labels, labels))
    ?.value;
}
