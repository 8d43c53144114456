/** Plans for tests of what comes behind the plan. */
import { messagesRequest } from "../../src/anthropic/wire.ts";
import { createCatalogue } from "../../src/catalog/models.ts";
import { type DialectName, quirksForModel, quirksNamed } from "../../src/catalog/quirks.ts";
import { createBackend } from "../../src/plan/backend.ts";
import { makePlan, type Plan } from "../../src/plan/plan.ts";
import { testConfig } from "./proxy.ts";

export type PlanChanges = {
  readonly dialect?: DialectName | undefined;
  readonly model?: string | undefined;
  readonly sessionId?: string | undefined;
};

/** The plan of a request's body for a backend of the given kind; `model` is the backend's name, not mapped. */
export function planFor(body: object, { dialect = "generic", model, sessionId }: PlanChanges = {}): Plan {
  const config = testConfig();
  const plan = makePlan(messagesRequest.parse(body), {
    config,
    backend: createBackend(config.backend),
    catalogue: createCatalogue(),
    sessionId,
  });
  const upstreamModel = model ?? plan.model;
  return { ...plan, model: upstreamModel, quirks: quirksForModel(quirksNamed(dialect), upstreamModel) };
}
