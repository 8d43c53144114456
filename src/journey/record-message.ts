/** Has everything that watches told about a message: the log, the metrics, the journal, and the usage. */
import { statusOfKind } from "../anthropic/write-error.ts";
import type { Plan } from "../plan/plan.ts";
import { cutName, type MessageStart } from "../telemetry/entry.ts";
import {
  createMessageRecord,
  type Measurement,
  type MessageRecord,
  writeEntry,
} from "../telemetry/record.ts";
import type { Preparation } from "./prepare-plan.ts";
import type { RequestContext, Services } from "./services.ts";

/** Begins the record of a message whose plan is made. */
export function recordMessage(
  plan: Plan,
  context: Pick<RequestContext, "requestId" | "clientName">,
  services: Pick<Services, "log" | "tally" | "metrics" | "journal" | "usage" | "sites"> &
    Pick<Preparation, "sessionId" | "clientAgent" | "hints">,
): MessageRecord {
  const { log, tally, metrics, journal, usage, sites, sessionId, clientAgent, hints } = services;
  const { requestId: id, clientName } = context;
  const requestClass = hints?.requestClass;
  const { model: asked } = plan.request;
  const stream = plan.request.stream === true;
  const backend = plan.backend.name;
  const start: MessageStart = {
    id,
    startedAt: Date.now(),
    client: clientName,
    session: sessionId && cutName(sessionId),
    class: requestClass && cutName(requestClass),
    asked: cutName(asked),
    model: cutName(plan.model),
    backend,
    stream,
  };
  const about = {
    id,
    asked,
    sent: plan.model,
    backend,
    stream,
    session: sessionId,
    class: requestClass,
    client: clientAgent,
    client_name: clientName,
  };
  const price = () => plan.facts?.price;
  const record = createMessageRecord(log, tally, about, { measure, price });
  journal.begin(start, record.progress);
  return record;

  function measure(measurement: Measurement): void {
    const entry = writeEntry(start, measurement);
    metrics.measure({
      ...measurement,
      backend: plan.quirks.name,
      model: plan.model,
      isTier: sites.tierOf(asked) !== undefined,
      requestClass,
      clientName,
      statusOf: statusOfKind,
    });
    journal.end(entry);
    usage?.keep(entry);
  }
}
