import { expect, test } from "bun:test";
import {
  createCounter,
  createGauge,
  createHistogram,
  reportMetrics,
} from "../../../src/telemetry/create-series.ts";
import { writeMetrics } from "../../../src/telemetry/otlp/write-metrics.ts";
import { throughProtobuf } from "../../support/otlp.ts";
import { servicesFor } from "../../support/services.ts";

const source = { serviceName: "proxy", version: "1.2.3", instanceId: "i1" };
const span = { startedAt: 1000, now: 2000 };

test("metrics have the names, units and values of OpenTelemetry", () => {
  const requests = createCounter({
    name: "claude_code_proxy_requests",
    help: "Requests.",
    labels: ["error_type"],
  });
  requests.add({ error_type: "overloaded" }, 3);
  requests.add({ error_type: "" });
  const durations = createHistogram({
    name: "gen_ai_client_operation_duration_seconds",
    help: "Durations.",
    labels: ["gen_ai_request_model"],
    bounds: [1, 10],
  });
  for (const seconds of [0.5, 0.6, 5, 50]) durations.observe({ gen_ai_request_model: "m" }, seconds);
  const held = createGauge({ name: "claude_code_proxy_held_body_bytes", help: "Held." }, () => 7);
  const body = writeMetrics(reportMetrics([requests, durations, held]), source, span);
  const times = { startTimeUnixNano: "1000000000", timeUnixNano: "2000000000" };
  expect(body.resourceMetrics[0]?.scopeMetrics[0]?.metrics).toEqual([
    {
      name: "claude_code_proxy.requests",
      unit: "1",
      description: "Requests.",
      sum: {
        aggregationTemporality: 2,
        isMonotonic: true,
        dataPoints: [
          {
            ...times,
            attributes: [{ key: "error.type", value: { stringValue: "overloaded" } }],
            asDouble: 3,
          },
          { ...times, attributes: [], asDouble: 1 },
        ],
      },
    },
    {
      name: "gen_ai.client.operation.duration",
      unit: "s",
      description: "Durations.",
      histogram: {
        aggregationTemporality: 2,
        dataPoints: [
          {
            ...times,
            attributes: [{ key: "gen_ai.request.model", value: { stringValue: "m" } }],
            count: "4",
            sum: 56.1,
            bucketCounts: ["2", "1", "1"],
            explicitBounds: [1, 10],
          },
        ],
      },
    },
    {
      name: "claude_code_proxy.held_body",
      unit: "By",
      description: "Held.",
      gauge: { dataPoints: [{ ...times, attributes: [], asDouble: 7 }] },
    },
  ]);
});

test("all metrics of the proxy are what the protobuf definitions say", () => {
  const services = servicesFor([]);
  services.metrics.measure(
    {
      outcome: "failed",
      seconds: 2,
      firstSeconds: 1,
      chunks: 3,
      usage: { inputTokens: 10, cacheReadTokens: 5, cacheWriteTokens: 1, outputTokens: 3 },
      costUsd: 0.1,
      stopReason: undefined,
      failure: "overloaded",
      retries: 1,
      healed: [],
    },
    { backend: "generic", model: "m", isTier: true, requestClass: "main", clientName: "ann" },
  );
  const body = writeMetrics(services.metrics.list(), source, span);
  const plain: unknown = JSON.parse(JSON.stringify(body));
  const names = JSON.stringify(plain);
  for (const name of [
    "gen_ai.client.operation.duration",
    "gen_ai.client.operation.time_to_first_chunk",
    "gen_ai.client.operation.time_per_output_chunk",
    "gen_ai.client.token.usage",
    "claude_code_proxy.cost",
  ])
    expect(names).toContain(`"name":"${name}"`);
  expect<unknown>(dropEmpty(throughProtobuf("metrics", body))).toEqual(dropEmpty(plain));
});

/** Protobuf does not tell an empty list from none. */
function dropEmpty(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_, inner: unknown) =>
    Array.isArray(inner) && inner.length === 0 ? undefined : inner,
  );
}
