import { expect, test } from "bun:test";
import fc from "fast-check";
import { createLog } from "../../src/telemetry/log.ts";
import { createMetrics, type MessageLabels } from "../../src/telemetry/metrics.ts";
import type { Measurement } from "../../src/telemetry/record.ts";
import { writeExposition } from "../../src/telemetry/write-exposition.ts";
import { findValue, parseExposition } from "../support/parse-exposition.ts";

const message: Measurement = {
  outcome: "answered",
  seconds: 3,
  firstSeconds: 1,
  chunks: 5,
  usage: { inputTokens: 10, cacheReadTokens: 70, cacheWriteTokens: 20, outputTokens: 7 },
  costUsd: undefined,
  stopReason: "end_turn",
  failure: undefined,
  retries: 0,
  healed: [],
};

const labels: MessageLabels = {
  backend: "openai",
  model: "big-model",
  isTier: true,
  requestClass: "subagent",
};

function open(maxSeries?: number) {
  const lines: string[] = [];
  const metrics = createMetrics({
    log: createLog("DEBUG", (line) => void lines.push(line)),
    backends: ["openai"],
    classes: ["subagent"],
    state: { inFlight: () => 2, bodyBytes: () => 3, upstreamInFlight: () => 1, queued: () => 0 },
    ...(maxSeries !== undefined && { maxSeries }),
  });
  const scrape = () => parseExposition(writeExposition(metrics.list(), "prometheus"), "prometheus");
  const value = (name: string, labels: Record<string, string> = {}) => findValue(scrape(), name, labels);
  return { metrics, scrape, value, lines };
}

const chat = {
  gen_ai_operation_name: "chat",
  gen_ai_provider_name: "openai",
  gen_ai_request_model: "big-model",
};
const place = { backend: "openai", model: "big-model" };

test("an answer counts its times, its pieces and its tokens", () => {
  const { metrics, value } = open();
  metrics.measure(message, labels);
  expect(value("claude_code_proxy_requests_total", { ...place, class: "subagent", status: "200" })).toBe(1);
  expect(value("gen_ai_client_operation_duration_seconds_sum", chat)).toBe(3);
  expect(value("gen_ai_client_operation_time_to_first_chunk_seconds_sum", chat)).toBe(1);
  const chunks = "gen_ai_client_operation_time_per_output_chunk_seconds";
  expect([value(`${chunks}_count`, chat), value(`${chunks}_sum`, chat)]).toEqual([4, 2]);
  const tokens = (type: string) =>
    value("gen_ai_client_token_usage_sum", { ...chat, gen_ai_token_type: type });
  expect([tokens("input"), tokens("output")]).toEqual([100, 7]);
  const cached = (cache: string) => value("claude_code_proxy_prompt_tokens_total", { ...place, cache });
  expect([cached("none"), cached("read"), cached("write")]).toEqual([10, 70, 20]);
});

test("a failure has its type and status, and what it did not say counts nowhere", () => {
  const { metrics, value } = open();
  metrics.measure(
    { ...message, outcome: "failed", failure: "overloaded", usage: undefined, chunks: 1 },
    labels,
  );
  metrics.measure({ ...message, outcome: "client left" }, { ...labels, requestClass: undefined });
  const failed = { ...place, class: "subagent", status: "529", error_type: "overloaded" };
  expect(value("claude_code_proxy_requests_total", failed)).toBe(1);
  const left = { ...place, status: "499", error_type: "client-left" };
  expect(value("claude_code_proxy_requests_total", left)).toBe(1);
  expect(value("gen_ai_client_operation_time_to_first_chunk_seconds_count", chat)).toBe(1);
});

test("messages that are alike are counted in the same series, and a series begins with its first value", () => {
  const { metrics, scrape, value } = open();
  const costs = () => scrape().get("claude_code_proxy_cost_dollars_total")?.series ?? [];
  metrics.measure(message, labels);
  expect(costs()).toEqual([]);
  for (const costUsd of [0.25, 0.5]) metrics.measure({ ...message, costUsd }, { ...labels });
  expect(costs().map(({ value }) => value)).toEqual([0.75]);
  expect(value("claude_code_proxy_requests_total", { ...place, class: "subagent", status: "200" })).toBe(3);
});

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

test("a client cannot make a series: what it names freely is `other`", () => {
  const { metrics, scrape } = open();
  const sizeOf = () => [...scrape().values()].flatMap(({ series }) => series).length;
  const strange = (name: string) => ({
    isTier: false,
    model: name,
    backend: name,
    requestClass: name,
  });
  metrics.measure(message, strange("first"));
  const before = sizeOf();
  fc.assert(fc.property(fc.uuid(), (name) => metrics.measure(message, strange(name))));
  expect(sizeOf()).toBe(before);
});

test("even names that the operator changes all the time have a limit", () => {
  const { metrics, scrape } = open(3);
  for (let turn = 0; turn < 50; turn += 1) metrics.measure(message, { ...labels, model: `model-${turn}` });
  const requests = scrape().get("claude_code_proxy_requests_total")?.series ?? [];
  expect(requests.map(({ labels, value }) => [labels.model, value])).toEqual([
    ["model-0", 1],
    ["model-1", 1],
    ["model-2", 1],
    ["other", 47],
  ]);
});

test("a metric that fails is one line in the log, and harms nobody", () => {
  const { metrics, lines } = open();
  const broken: Measurement = {
    ...message,
    get usage(): never {
      throw new Error("broken");
    },
  };
  metrics.measure(broken, labels);
  metrics.measure(broken, labels);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain("Cannot count a request");
});
