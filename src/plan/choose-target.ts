/**
 * Where a request goes, and what is known about that place. This decision is cheap and comes first: requests are
 * rewritten for their target, and the plan is made for the rewritten request.
 */
import type { MessagesRequest } from "../anthropic/wire.ts";
import { quirksForModel } from "../catalog/choose-quirks.ts";
import { factsByName, type ModelFacts } from "../catalog/models.ts";
import type { ProtocolName, Quirks } from "../catalog/quirks.ts";
import { quirksForFacts } from "../catalog/quirks-for-facts.ts";
import type { Config } from "../config/read-config.ts";
import { type Backend, requestUrl } from "./create-backend.ts";
import { readExplicit, type Site, type Sites } from "./create-sites.ts";
import { mapModel } from "./map-model.ts";
import { chooseSearchModel } from "./plan-web-search.ts";

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
  readonly config: Pick<Config, "models">;
  readonly sites: Sites;
};

export function chooseTarget(request: MessagesRequest, { config, sites }: TargetContext): Target {
  const explicit = readExplicit(request.model, sites);
  if (explicit) return targetAt(explicit.site, explicit.model, request);
  const tier = sites.tierOf(request.model);
  const site = tier === undefined ? sites.default : sites.ofTier(tier);
  return targetAt(site, mapModel(request.model, config.models, sites.default.lists), request);
}

/** @param named the model at this site */
function targetAt({ backend, catalog }: Site, named: string, request: MessagesRequest): Target {
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
