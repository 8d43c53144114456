import { expect, test } from "bun:test";
import {
  createCounter,
  createGauge,
  createHistogram,
  reportMetrics,
} from "../../src/telemetry/create-series.ts";
import { mergeMetrics } from "../../src/telemetry/merge-metrics.ts";
import { writeExposition } from "../../src/telemetry/write-exposition.ts";

/** What a process says that was busy for so long. */
function report(seconds: number, model: string, started: number) {
  const counter = createCounter({ name: "hits", help: "Hits.", labels: ["model"] });
  counter.add({ model }, seconds);
  const histogram = createHistogram({ name: "time", help: "Times.", labels: [], bounds: [1, 10] });
  histogram.observe({}, seconds);
  const about = { name: "start", help: "Start.", across: "min" } as const;
  const gauge = createGauge(about, () => started);
  const open = createGauge({ name: "open", help: "Open." }, () => 1);
  const info = createGauge({ name: "info", help: "Info.", across: "max" }, () => 1);
  return reportMetrics([counter, histogram, gauge, open, info]);
}

test("several processes count as one", () => {
  const merged = mergeMetrics([report(1, "a", 30), report(5, "b", 20), report(2, "a", 40)]);
  const lines = writeExposition(merged, "prometheus").split("\n");
  for (const line of [
    'hits_total{model="a"} 3',
    'hits_total{model="b"} 5',
    'time_bucket{le="1.0"} 1',
    'time_bucket{le="10.0"} 3',
    "time_sum 8",
    "start 20",
    "open 3",
    "info 1",
  ])
    expect(lines).toContain(line);
  expect(lines.filter((line) => line.startsWith("# TYPE"))).toHaveLength(5);
});

test("one alone says what it says", () => {
  const alone = report(1, "a", 30);
  expect(mergeMetrics([alone])).toBe(alone);
  expect(mergeMetrics([])).toEqual([]);
});
