import { expect, test } from "bun:test";
import { createLog } from "../../src/telemetry/log.ts";
import { createMetrics } from "../../src/telemetry/metrics.ts";
import type { Measurement } from "../../src/telemetry/record.ts";
import { writeExposition } from "../../src/telemetry/write-exposition.ts";
import { findValue, parseExposition } from "../support/parse-exposition.ts";

function open() {
  const lines: string[] = [];
  const metrics = createMetrics({
    log: createLog("DEBUG", (line) => void lines.push(line)),
    backends: ["openai"],
    classes: ["subagent"],
    state: { inFlight: () => 2, bodyBytes: () => 3, upstreamInFlight: () => 1, queued: () => 0 },
  });
  const value = (name: string, labels: Record<string, string> = {}) =>
    findValue(parseExposition(writeExposition(metrics.list(), "prometheus"), "prometheus"), name, labels);
  return { metrics, value, lines };
}

test("refusals, retries and corrections are counted by reason, and the state is looked up", () => {
  const { metrics, value } = open();
  metrics.refuse(new Error("broken"));
  metrics.retry("empty");
  metrics.heal("drop");
  expect(value("claude_code_proxy_refused_requests_total", { reason: "internal" })).toBe(1);
  expect(value("claude_code_proxy_retries_total", { reason: "empty" })).toBe(1);
  expect(value("claude_code_proxy_healed_parameters_total", { change: "drop" })).toBe(1);
  expect(value("claude_code_proxy_in_flight_requests")).toBe(2);
  expect(value("claude_code_proxy_held_body_bytes")).toBe(3);
  expect(value("claude_code_proxy_upstream_in_flight_requests")).toBe(1);
});

test("a metric that fails is one line in the log, and harms nobody", () => {
  const { metrics, lines } = open();
  const labels = { backend: "openai", model: "big-model", isTier: true, requestClass: undefined };
  const broken: Measurement = {
    outcome: "answered",
    seconds: 3,
    firstSeconds: 1,
    chunks: 5,
    costUsd: undefined,
    stopReason: "end_turn",
    failure: undefined,
    retries: 0,
    healed: [],
    get usage(): never {
      throw new Error("broken");
    },
  };
  metrics.measure(broken, labels);
  metrics.measure(broken, labels);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain("Cannot count a request");
});
