/**
 * `.tools/bun scripts/bench-watching.ts`: what it costs a message to be watched, in microseconds: its client's key among
 * a thousand, the log, metrics, journal, usage and a collector. None of it may take more than 20.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { digestKey } from "../src/config/client-keys.ts";
import { createGuard } from "../src/guard.ts";
import { createTelemetryExport } from "../src/journey/export-telemetry.ts";
import { recordMessage } from "../src/journey/record-message.ts";
import { findRoute } from "../src/routes/endpoints.ts";
import { createLog } from "../src/telemetry/log.ts";
import { beginSpan } from "../src/telemetry/otlp/trace-context.ts";
import { createUsageStore } from "../src/telemetry/usage/store.ts";
import { planFor } from "../test/support/plans.ts";
import { ask, testConfig } from "../test/support/proxy.ts";
import { contextFor, servicesFor } from "../test/support/services.ts";

const rounds = 20_000;

/** Microseconds, of the fastest of several runs. */
async function time(step: (round: number) => void): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 5; run += 1) {
    const begin = performance.now();
    for (let round = 0; round < rounds; round += 1) step(round);
    best = Math.min(best, ((performance.now() - begin) * 1000) / rounds);
    // What was only handed over is worked on between the runs.
    await Bun.sleep(300);
  }
  return best;
}

const home = mkdtempSync(join(tmpdir(), "watching-"));
const log = createLog("WARNING", () => {});
const usage = createUsageStore({ path: join(home, "usage.sqlite"), days: 90, log });
const exporter = createTelemetryExport({
  endpoint: "http://127.0.0.1:9",
  headers: {},
  source: { serviceName: "proxy", version: "1", instanceId: "1" },
  sender: { send: () => Promise.reject(new Error("nobody")) },
  log,
  metrics: () => [],
});
const keys = Array.from({ length: 1000 }, (_, number) => `key-of-client-${number}`);
const clients = {
  keys: keys.map((key, number) => ({ name: `client-${number}`, digest: digestKey(key), key })),
  file: undefined,
};
const config = testConfig({ server: { clients } });
const guard = createGuard({ ...config, server: { ...config.server, clients } });
const route = findRoute("POST", "/v1/messages");
const makeVisitor = (key: string) => ({
  request: new Request("http://127.0.0.1/v1/messages", {
    method: "POST",
    headers: { host: "127.0.0.1", "x-api-key": key },
  }),
  route,
  address: "127.0.0.1",
});
const visitors = keys.map(makeVisitor);
const first = makeVisitor("");
const open = createGuard(testConfig());

const services = { ...servicesFor([]), log, sessionId: "0f8fad5b-d9cb-469f-a165-708677289501" };
const plan = planFor(ask());
const context = { ...contextFor("/v1/messages"), clientName: "client-1" };
const headers = new Headers();

/** A message from its plan to its end. */
function watch(round: number, more: object = {}, trace = false): void {
  const own = trace ? { ...plan, trace: beginSpan(headers) } : plan;
  const { record } = recordMessage(own, { ...context, requestId: `req_${round}` }, { ...services, ...more });
  record.see([{ type: "text-delta", text: "Hello" }]);
  record.see([
    { type: "usage", usage: { inputTokens: 10, cacheReadTokens: 5, cacheWriteTokens: 0, outputTokens: 5 } },
    { type: "finish", reason: "stop" },
  ]);
  record.end("answered");
}

const rows: readonly (readonly [name: string, step: (round: number) => void])[] = [
  ["guard without keys", (round) => void open(visitors[round % 1000] ?? first)],
  ["guard with 1,000 keys", (round) => void guard(visitors[round % 1000] ?? first)],
  ["log, metrics, journal", (round) => watch(round)],
  ["and usage", (round) => watch(round, { usage })],
  ["and a collector", (round) => watch(round, { usage, exporter }, true)],
];
for (const [name, step] of rows) console.log(`${(await time(step)).toFixed(1).padStart(6)} µs  ${name}`);
await usage.close();
rmSync(home, { recursive: true, force: true });
