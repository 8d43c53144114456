import { expect, test } from "bun:test";
import fc from "fast-check";
import { reportMetrics } from "../../src/telemetry/create-series.ts";
import { createMessageMetrics, type MessageLabels } from "../../src/telemetry/message-metrics.ts";
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
  const { metrics, measure } = createMessageMetrics({
    backends: ["openai"],
    classes: ["subagent"],
    ...(maxSeries !== undefined && { maxSeries }),
  });
  const scrape = () => parseExposition(writeExposition(reportMetrics(metrics), "prometheus"), "prometheus");
  const value = (name: string, labels: Record<string, string>) => findValue(scrape(), name, labels);
  return { measure, scrape, value };
}

const chat = {
  gen_ai_operation_name: "chat",
  gen_ai_provider_name: "openai",
  gen_ai_request_model: "big-model",
};
const place = { backend: "openai", model: "big-model" };

test("an answer counts its times, its pieces and its tokens", () => {
  const { measure, value } = open();
  measure(message, labels);
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
  const { measure, value } = open();
  measure({ ...message, outcome: "failed", failure: "overloaded", usage: undefined, chunks: 1 }, labels);
  measure({ ...message, outcome: "client left" }, { ...labels, requestClass: undefined });
  const failed = { ...place, class: "subagent", status: "529", error_type: "overloaded" };
  expect(value("claude_code_proxy_requests_total", failed)).toBe(1);
  const left = { ...place, status: "499", error_type: "client-left" };
  expect(value("claude_code_proxy_requests_total", left)).toBe(1);
  expect(value("gen_ai_client_operation_time_to_first_chunk_seconds_count", chat)).toBe(1);
});

test("messages that are alike are counted in the same series, and a series begins with its first value", () => {
  const { measure, scrape, value } = open();
  const costs = () => scrape().get("claude_code_proxy_cost_dollars_total")?.series ?? [];
  measure(message, labels);
  expect(costs()).toEqual([]);
  for (const costUsd of [0.25, 0.5]) measure({ ...message, costUsd }, { ...labels });
  expect(costs().map(({ value }) => value)).toEqual([0.75]);
  expect(value("claude_code_proxy_requests_total", { ...place, class: "subagent", status: "200" })).toBe(3);
});

test("a client cannot make a series: what it names freely is `other`", () => {
  const { measure, scrape } = open();
  const sizeOf = () => [...scrape().values()].flatMap(({ series }) => series).length;
  const strange = (name: string) => ({
    isTier: false,
    model: name,
    backend: name,
    requestClass: name,
  });
  measure(message, strange("first"));
  const before = sizeOf();
  fc.assert(fc.property(fc.uuid(), (name) => measure(message, strange(name))));
  expect(sizeOf()).toBe(before);
});

test("even names that the operator changes all the time have a limit", () => {
  const { measure, scrape } = open(3);
  for (let turn = 0; turn < 50; turn += 1) measure(message, { ...labels, model: `model-${turn}` });
  const requests = scrape().get("claude_code_proxy_requests_total")?.series ?? [];
  expect(requests.map(({ labels, value }) => [labels.model, value])).toEqual([
    ["model-0", 1],
    ["model-1", 1],
    ["model-2", 1],
    ["other", 47],
  ]);
});
