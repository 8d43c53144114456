import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { createCounter, reportMetrics } from "../../src/telemetry/create-series.ts";
import { chooseExposition, writeExposition } from "../../src/telemetry/write-exposition.ts";
import { expositionFormats, findValue, parseExposition } from "../support/parse-exposition.ts";

describe("the format follows Accept", () => {
  const rows: [accept: string, format: string][] = [
    ["", "prometheus"],
    ["*/*", "prometheus"],
    ["text/plain", "prometheus"],
    ["application/openmetrics-text", "openmetrics"],
    [
      "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
      "openmetrics",
    ],
    ["application/openmetrics-text;q=0.2,text/plain;q=0.5", "prometheus"],
    ["application/openmetrics-text;q=0", "prometheus"],
    ["text/html,application/xhtml+xml,*/*;q=0.8", "prometheus"],
  ];
  test.each(rows)("%j → %s", (accept, format) => {
    expect<string>(chooseExposition(accept)).toBe(format);
  });
});

test.each(expositionFormats)("any name of a model survives in %s", (format) => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (model) => {
      const counter = createCounter({ name: "hits", help: "Hits.", labels: ["model"] });
      counter.add({ model });
      const parsed = parseExposition(writeExposition(reportMetrics([counter]), format), format);
      expect(findValue(parsed, "hits_total", { model })).toBe(1);
    }),
  );
});
