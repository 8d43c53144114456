/** Reports a message to everything that watches: the log, the metrics, the journal, the usage and the collector. */
import type { Plan } from "../plan/plan.ts";
import type { RoutePlace } from "../plan/route-table.ts";
import { cutName, type MessageStart } from "../telemetry/entry.ts";
import { type Measurement, MessageRecord } from "../telemetry/record.ts";
import { writeEntry } from "../telemetry/write-entry.ts";
import type { Move } from "./follow-route.ts";
import type { Preparation } from "./prepare-plan.ts";
import type { RequestContext, Services } from "./services.ts";

type Recording = {
  readonly record: MessageRecord;
  /** The message goes to another place. */
  readonly move: (move: Move) => void;
};

/** Begins the record of a message whose plan is made. */
export function recordMessage(
  first: Plan,
  context: Pick<RequestContext, "requestId" | "clientName">,
  services: Pick<Services, "log" | "metrics" | "journal" | "usage" | "exporter" | "sites" | "spending"> &
    Pick<Preparation, "sessionId" | "clientAgent" | "hints">,
): Recording {
  const { log, metrics, journal, usage, exporter, sites, spending, sessionId, clientAgent, hints } = services;
  const { requestId: id, clientName } = context;
  const requestClass = hints?.requestClass;
  const { model: asked } = first.request;
  const { trace } = first;
  let place = placeOf(first);
  const stream = first.request.stream === true;
  const backend = first.backend.name;
  const start: MessageStart = {
    id,
    startedAt: Date.now(),
    client: clientName,
    session: sessionId && cutName(sessionId),
    class: requestClass && cutName(requestClass),
    asked: cutName(asked),
    model: cutName(first.model),
    backend,
    stream,
  };
  const about = {
    id,
    asked,
    sent: first.model,
    backend,
    protocol: nameProtocol(first),
    stream,
    session: sessionId,
    class: requestClass,
    client: clientAgent,
    client_name: clientName,
  };
  const price = () => place.price;
  const record = new MessageRecord(log, about, { measure, price });
  const live = journal.begin(start, record.progress);
  return { record, move };

  function move({ plan: next, from, to, error }: Move): void {
    place = placeOf(next);
    const where = { sent: next.model, backend: next.backend.name, protocol: nameProtocol(next) };
    record.move({ ...where, from: nameOf(from), to: nameOf(to), error: error.message });
  }

  function measure(measurement: Measurement): void {
    const { model, backend, provider } = place;
    const entry = writeEntry(start, { model: cutName(model), backend }, measurement);
    metrics.measure(measurement, {
      backend: provider,
      model,
      isTier: sites.tierOf(asked) !== undefined,
      requestClass,
      clientName,
    });
    journal.end(entry, live);
    usage?.keep(entry);
    if (trace) exporter?.keep({ entry, trace, provider });
    if (entry.inputTokens + entry.outputTokens > 0) spending.add(entry.costUsd, clientName);
  }
}

/** Where a message is answered, without its plan: that would hold the request as long as the answer lasts. */
function placeOf({ model, backend, quirks, facts }: Plan) {
  return { model, backend: backend.name, provider: quirks.name, price: facts?.price };
}

function nameProtocol({ protocol }: Plan): string | undefined {
  return protocol === "chat" ? undefined : protocol;
}

/** `BACKEND@MODEL`, and which of several keys. */
function nameOf({ step: { site, model }, key }: RoutePlace): string {
  const { id, keyHeaders } = site.backend;
  return `${id}@${model}${keyHeaders.length > 1 ? ` with key ${key + 1}` : ""}`;
}
