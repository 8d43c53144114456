/**
 * Where a request goes, and what is known about that place. This decision is cheap and comes first: requests are
 * rewritten for their target, and the plan is made for the rewritten request.
 */
import type { MessagesRequest } from "../anthropic/wire.ts";
import { quirksForModel } from "../catalog/choose-quirks.ts";
import type { Hints } from "../catalog/claude-code/claude-code.ts";
import { factsByName, type ModelFacts } from "../catalog/models.ts";
import type { ProtocolName, Quirks } from "../catalog/quirks.ts";
import { quirksForFacts } from "../catalog/quirks-for-facts.ts";
import { type Backend, requestUrl } from "./create-backend.ts";
import type { Sites } from "./create-sites.ts";
import { chooseSearchModel } from "./plan-web-search.ts";
import { noHints, type RouteStep, type RouteTable } from "./route-table.ts";

export type Target = {
  readonly backend: Backend;
  readonly protocol: ProtocolName;
  /** Where this model's requests go. */
  readonly url: string;
  /** The backend's name of the model. `request.model` is the client's, and is echoed. */
  readonly model: string;
  readonly quirks: Quirks;
  /** What the backend's list says about the model; undefined if it says nothing. */
  readonly facts: ModelFacts | undefined;
};

/** What a target depends on, besides the request. */
export type TargetContext = {
  readonly sites: Sites;
  readonly routes: RouteTable;
  /** What the client says of the request; nothing if it is the proxy's own. */
  readonly hints?: Hints;
};

/** The first target of the request's route. */
export function chooseTarget(request: MessagesRequest, context: TargetContext): Target {
  const { steps } = context.routes.choose(request.model, context.hints ?? noHints);
  return targetAt(steps[0], request);
}

function targetAt({ site: { backend, catalog }, model: named }: RouteStep, request: MessagesRequest): Target {
  const known = catalog.serverQuirks() ?? backend.quirks;
  const model = chooseSearchModel(request, named, known, catalog);
  const quirks = quirksForModel(known, model);
  const facts = factsByName(catalog, model, quirks.request.anyModelName);
  const { protocol } = quirks.request;
  return {
    backend,
    protocol,
    url: requestUrl(backend, protocol, model),
    model,
    quirks: quirksForFacts(quirks, facts),
    facts,
  };
}
