import { expect, test } from "bun:test";
import fc from "fast-check";
import {
  createCounter,
  createGauge,
  createHistogram,
  reportMetrics,
} from "../../src/telemetry/create-series.ts";
import { writeExposition } from "../../src/telemetry/write-exposition.ts";
import { findValue, parseExposition } from "../support/parse-exposition.ts";

test("a counter adds up for each combination of labels", () => {
  const counter = createCounter({ name: "hits", help: "Hits.", labels: ["from", "to"] });
  counter.add({ from: "a", to: "b" });
  counter.add({ from: "a", to: "b" }, 2);
  counter.add({ from: "b", to: "" });
  const parsed = parseExposition(writeExposition(reportMetrics([counter]), "prometheus"), "prometheus");
  expect(findValue(parsed, "hits_total", { from: "a", to: "b" })).toBe(3);
  expect(findValue(parsed, "hits_total", { from: "b" })).toBe(1);
});

test("a value counts in every bucket at or above it, as often as it was seen", () => {
  const histogram = createHistogram({ name: "size", help: "Sizes.", labels: [], bounds: [1, 2.5] });
  histogram.observe({}, 1);
  histogram.observe({}, 2, 3);
  histogram.observe({}, 9);
  const parsed = parseExposition(writeExposition(reportMetrics([histogram]), "prometheus"), "prometheus");
  expect(["1.0", "2.5", "+Inf"].map((le) => findValue(parsed, "size_bucket", { le }))).toEqual([1, 4, 5]);
  expect([findValue(parsed, "size_count"), findValue(parsed, "size_sum")]).toEqual([5, 16]);
});

test("a gauge is read when it is written", () => {
  let value = 1;
  const gauge = createGauge({ name: "now", help: "Now." }, () => value);
  value = 2;
  expect(gauge.samples()).toEqual([{ suffix: "", labels: [], value: 2 }]);
});

test("whatever the labels say, the number of series is bounded and nothing is lost", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "grapheme" }), { maxLength: 50 }), (names) => {
      const counter = createCounter({ name: "hits", help: "Hits.", labels: ["name"] }, 5);
      for (const name of names) counter.add({ name });
      const samples = counter.samples();
      expect(samples.length).toBeLessThanOrEqual(6);
      expect(samples.reduce((sum, { value }) => sum + value, 0)).toBe(names.length);
    }),
  );
});
