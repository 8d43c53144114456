/**
 * Counts what the proxy itself asks a model for: it costs money as the client's messages do, so it is a message of its
 * own in the metrics, on the page, in the usage and for the limits of a day. What is asked for is its class.
 */
import { createId } from "../lib/create-id.ts";
import type { Plan } from "../plan/plan.ts";
import type { Usage } from "../reply.ts";
import { costOf } from "../telemetry/cost.ts";
import { cutName } from "../telemetry/entry.ts";
import type { Journal } from "../telemetry/journal.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { Measurement } from "../telemetry/record.ts";
import type { UsageStore } from "../telemetry/usage/store.ts";
import { writeEntry } from "../telemetry/write-entry.ts";
import type { SpendingLimit } from "./limit-spending.ts";

/** Classes that no client says. */
export const ownClasses = ["vision", "summary"] as const;

/** For whom it is asked. */
export type Payer = {
  /** The name of the client's key, if it has one. */
  readonly clientName?: string | undefined;
  readonly sessionId?: string | undefined;
};

type OwnCall = {
  readonly purpose: (typeof ownClasses)[number];
  readonly plan: Plan;
  /** Undefined if the backend did not report any. */
  readonly usage: Usage | undefined;
  readonly tookMs: number;
  readonly payer: Payer;
};

/** Where it is counted. */
export type OwnCallBooks = {
  readonly metrics: Pick<Metrics, "measure">;
  readonly journal: Pick<Journal, "end">;
  readonly usage?: Pick<UsageStore, "keep"> | undefined;
  readonly spending: Pick<SpendingLimit, "add">;
};

/** @returns what it has cost, US dollars, if that is known */
export function countOwnCall(
  { purpose, plan, usage, tookMs, payer: { clientName, sessionId } }: OwnCall,
  books: OwnCallBooks,
): number | undefined {
  const costUsd = usage && costOf(usage, plan.facts?.price);
  const measurement: Measurement = {
    outcome: "answered",
    seconds: tookMs / 1000,
    firstSeconds: undefined,
    chunks: 0,
    usage,
    costUsd,
    stopReason: undefined,
    failure: undefined,
    retries: 0,
    healed: [],
  };
  const place = { model: cutName(plan.model), backend: plan.backend.name };
  const start = {
    id: createId("own_"),
    startedAt: Date.now() - tookMs,
    client: clientName,
    session: sessionId && cutName(sessionId),
    class: purpose,
    asked: cutName(plan.request.model),
    ...place,
    stream: false,
  };
  const entry = writeEntry(start, place, measurement);
  books.metrics.measure(measurement, {
    backend: plan.quirks.name,
    model: plan.model,
    isTier: true,
    requestClass: purpose,
    clientName,
  });
  books.journal.end(entry);
  books.usage?.keep(entry);
  if (usage) books.spending.add(costUsd, clientName);
  return costUsd;
}
