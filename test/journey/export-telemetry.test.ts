import { afterEach, describe, expect, test } from "bun:test";
import { createTelemetryExport } from "../../src/journey/export-telemetry.ts";
import { createLog } from "../../src/telemetry/log.ts";
import { createSender } from "../../src/upstream/transport/send.ts";
import { entry } from "../support/entries.ts";
import { text } from "../support/fake-upstream.ts";
import { throughProtobuf } from "../support/otlp.ts";
import { ask, startProxy } from "../support/proxy.ts";

type Received = { readonly path: string; readonly headers: Headers; readonly body: Record<string, unknown> };

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** A collector that checks what it gets against the protobuf definitions. */
function startCollector(status = 200) {
  const received: Received[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const body: Record<string, unknown> = Object(await request.json());
      const { pathname } = new URL(request.url);
      throughProtobuf(pathname.endsWith("traces") ? "traces" : "metrics", body);
      received.push({ path: pathname, headers: request.headers, body });
      return Response.json({ partialSuccess: {} }, { status });
    },
  });
  ends.push(() => server.stop(true));
  return { received, url: `http://127.0.0.1:${server.port}` };
}

const trace = {
  traceId: "a".repeat(32),
  spanId: "b".repeat(16),
  parentId: undefined,
  isSampled: true,
  state: undefined,
};

function create(endpoint: string, lines: string[] = []) {
  return createTelemetryExport({
    endpoint,
    headers: { "x-team": "a" },
    source: { serviceName: "proxy", version: "1", instanceId: "i" },
    sender: createSender(8),
    log: createLog("INFO", (line) => void lines.push(line)),
    metrics: () => [],
    spanMs: 5,
    metricMs: 1_000_000,
  });
}

describe("the export", () => {
  test("sends spans in batches, and everything at the end", async () => {
    const collector = startCollector();
    const exporter = create(`${collector.url}/base`);
    for (let count = 0; count < 700; count += 1)
      exporter.keep({ entry: entry(), trace, provider: "generic" });
    exporter.keep({ entry: entry(), trace: { ...trace, isSampled: false }, provider: "generic" });
    await exporter.close();
    const traces = collector.received.filter(({ path }) => path === "/base/v1/traces");
    const spans = traces.reduce(
      (sum, { body }) => sum + JSON.stringify(body).split('"spanId"').length - 1,
      0,
    );
    expect([traces.length, spans]).toEqual([2, 700]);
    expect(traces[0]?.headers.get("x-team")).toBe("a");
    expect(collector.received.some(({ path }) => path === "/base/v1/metrics")).toBe(true);
  });

  test("warns once while a collector refuses or is away", async () => {
    const lines: string[] = [];
    const refusing = create(startCollector(403).url, lines);
    refusing.keep({ entry: entry(), trace, provider: "generic" });
    await refusing.close();
    expect(lines).toEqual([expect.stringContaining("The collector answers 403")]);
    const away = create("http://127.0.0.1:9", lines);
    away.keep({ entry: entry(), trace, provider: "generic" });
    await away.close();
    expect(lines).toHaveLength(2);
  });

  test("warns no more when spans are lost because the collector fails", async () => {
    const lines: string[] = [];
    const exporter = create("http://127.0.0.1:1", lines);
    for (let count = 0; count < 3000; count += 1)
      exporter.keep({ entry: entry(), trace, provider: "generic" });
    await exporter.close();
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain("the connection was refused");
    expect(lines[0]).not.toContain("OPENAI_BASE_URL");
  });

  test("says how many spans it has lost", async () => {
    const lines: string[] = [];
    const exporter = create(startCollector().url, lines);
    for (let count = 0; count < 3000; count += 1)
      exporter.keep({ entry: entry(), trace, provider: "generic" });
    await exporter.close();
    expect(lines.join()).toContain(`lost=${3000 - 2048}`);
  });
});

test("a client's trace goes through the proxy to the backend, with a span of the proxy's own", async () => {
  const collector = startCollector();
  const proxy = await startProxy(text("Secret answer"), {
    config: { telemetry: { endpoint: collector.url, headers: {}, serviceName: "team-proxy" } },
  });
  const traceparent = `00-${"1".repeat(32)}-${"2".repeat(16)}-01`;
  await (await proxy.post(ask({ stream: true }), { traceparent, tracestate: "vendor=1" })).text();
  await (await proxy.post(ask())).text();
  await proxy.stop();
  await proxy.close();
  const [first, second] = proxy.upstream.requests.filter(({ path }) => path.includes("chat"));
  const [, traceId, spanId] = first?.headers.get("traceparent")?.split("-") ?? [];
  expect(traceId).toBe("1".repeat(32));
  expect(first?.headers.get("tracestate")).toBe("vendor=1");
  expect(second?.headers.get("traceparent")).toMatch(/^00-[\da-f]{32}-[\da-f]{16}-01$/);
  const told = JSON.stringify(collector.received.map(({ body }) => body));
  for (const words of [
    `"traceId":"${traceId}"`,
    `"spanId":"${spanId}"`,
    `"parentSpanId":"${"2".repeat(16)}"`,
    "team-proxy",
    "gen_ai.client.operation.duration",
  ])
    expect(told).toContain(words);
  for (const secret of ["Secret", "sk-fake"]) expect(told).not.toContain(secret);
});

test("without a collector, nothing is added to what a backend gets", async () => {
  const proxy = await startProxy(text("Hello"));
  await (await proxy.post(ask(), { traceparent: `00-${"1".repeat(32)}-${"2".repeat(16)}-01` })).text();
  await proxy.close();
  expect(proxy.upstream.lastChat().headers.get("traceparent")).toBeNull();
});
