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
import { type Backend, requestUrl } from "./create-backend.ts";
import type { Sites } from "./create-sites.ts";
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
  return targetAt(place ?? { step: routes.choose(request.model, hints).steps[0], key: 0 }, request);
}

function targetAt({ step: { site, model: named }, key }: RoutePlace, request: MessagesRequest): Target {
  const { catalog } = site;
  const headers = site.backend.keyHeaders[key] ?? site.backend.headers;
  const backend = headers === site.backend.headers ? site.backend : { ...site.backend, headers };
  const wanted = backend.protocol;
  if (wanted === "anthropic") {
    const { messagesUrl: url = "", nativeQuirks: quirks } = backend;
    const facts = factsByName(catalog, named, false);
    return { protocol: wanted, url, quirks, backend, model: named, facts, otherWays: [] };
  }
  const known = catalog.serverQuirks() ?? backend.quirks;
  const model = chooseSearchModel(request, named, quirksBy(wanted, known, named), catalog);
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

/** @param wanted the protocol that the operator wants; otherwise the model decides */
function quirksBy(wanted: ConvertedProtocol | undefined, known: Quirks, model: string): Quirks {
  const chat = quirksForModel(known, model);
  return quirksByProtocol(chat, wanted ?? chat.request.protocol, model);
}
