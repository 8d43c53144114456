/**
 * Where a request goes, and what is known about that place. This decision is cheap and comes first: requests are
 * rewritten for their target, and the plan is made for the rewritten request.
 */
import type { MessagesRequest } from "../anthropic/wire.ts";
import { quirksByProtocol, quirksForModel } from "../catalog/choose-quirks.ts";
import type { Hints } from "../catalog/claude-code/claude-code.ts";
import { factsByName, type ModelFacts } from "../catalog/models.ts";
import {
  type ConvertedProtocol,
  convertedProtocols,
  type ProtocolName,
  type Quirks,
} from "../catalog/quirks.ts";
import { quirksForFacts } from "../catalog/quirks-for-facts.ts";
import { rememberResults } from "../lib/remember-results.ts";
import { type Backend, requestUrl } from "./create-backend.ts";
import type { Site, Sites } from "./create-sites.ts";
import { chooseSearchModel } from "./plan-web-search.ts";
import { noHints, type RoutePlace, type RouteTable } from "./route-table.ts";

/** One way to ask a model. */
export type Way<Name extends ProtocolName = ProtocolName> = {
  readonly protocol: Name;
  /** Where its requests go. */
  readonly url: string;
  readonly quirks: Quirks;
};

export type Target = Way & {
  readonly backend: Backend;
  /** The backend's name of the model. `request.model` is the client's, and is echoed. */
  readonly model: string;
  /** What the backend's list says about the model; undefined if it says nothing. */
  readonly facts: ModelFacts | undefined;
  /** Other ways to ask the model, if the backend refuses this one. None if the operator wants this one. */
  readonly otherWays: readonly Way<ConvertedProtocol>[];
};

/** Names a model at its address, for what is remembered about it. */
export function placeKey({ model, url }: Pick<Target, "model" | "url">): string {
  return `${model}\n${url}`;
}

/** What a target depends on, besides the request. */
export type TargetContext = {
  readonly sites: Sites;
  readonly routes: RouteTable;
  /** What the client says of the request; nothing if it is the proxy's own. */
  readonly hints?: Hints;
  /** Where on its route the request is; the beginning if undefined. */
  readonly place?: RoutePlace | undefined;
};

export function chooseTarget(request: MessagesRequest, context: TargetContext): Target {
  const { routes, hints = noHints, place } = context;
  const { site, model } = place?.step ?? routes.choose(request.model, hints).steps[0];
  const usual = knownTarget(site, model);
  const wanted = chooseSearchModel(request, usual, site.catalog);
  const target = wanted === model ? usual : knownTarget(site, wanted);
  return place ? withKey(target, place.key) : target;
}

const targets = new WeakMap<Site, (model: string) => Target>();
const maxModels = 256;

/** The target for a model, asked with the first key; the same object until the backend's list changes. */
function knownTarget(site: Site, model: string): Target {
  const known = targets.get(site);
  if (known) return known(model);
  const find = rememberResults((model) => findTarget(site, model), maxModels, [site.catalog.all]);
  targets.set(site, find);
  return find(model);
}

function withKey(target: Target, key: number): Target {
  const { backend } = target;
  const headers = backend.keyHeaders[key] ?? backend.headers;
  return headers === backend.headers ? target : { ...target, backend: { ...backend, headers } };
}

function findTarget({ backend, catalog }: Site, model: string): Target {
  const wanted = backend.protocol;
  if (wanted === "anthropic") {
    const { messagesUrl: url = "", nativeQuirks: quirks } = backend;
    const facts = factsByName(catalog, model, false);
    return { protocol: wanted, url, quirks, backend, model, facts, otherWays: [] };
  }
  const known = catalog.serverQuirks() ?? backend.quirks;
  const facts = factsByName(catalog, model, known.request.anyModelName);
  const chat = quirksForModel(known, model);
  const wayBy = (protocol: ConvertedProtocol): Way<ConvertedProtocol> => ({
    protocol,
    url: requestUrl(backend, protocol, model),
    quirks: quirksForFacts(quirksByProtocol(chat, protocol, model), facts),
  });
  const protocol = wanted ?? chat.request.protocol;
  const others = wanted === undefined ? convertedProtocols.filter((name) => name !== protocol) : [];
  return { ...wayBy(protocol), backend, model, facts, otherWays: others.map(wayBy) };
}
