/**
 * The models a client may choose, in Anthropic's format: the three tiers, then the backend's own models under aliases
 * that Claude Code's picker accepts. A model with room for a million tokens is listed twice, the second time with
 * `[1m]`, because Claude Code assumes 200,000 tokens for a name without it. Answers from the catalog's snapshot and
 * never waits for the backend.
 */
import { type Family, markedWindow, pickerPrefix, windowMark } from "../catalog/claude-code/claude-code.ts";
import { describeFacts } from "../catalog/describe-facts.ts";
import type { ModelFacts } from "../catalog/models.ts";
import type { Config } from "../config/read-config.ts";
import { ProxyError } from "../errors.ts";
import type { RequestContext, Services } from "../journey/services.ts";
import { readExplicit, type Site, type Sites } from "../plan/create-sites.ts";
import { aliasFor, familyOf, mapModel, type Tier, tiers } from "../plan/map-model.ts";
import { normalizePath } from "./normalize-path.ts";

/** Source: Models API reference; unknown is null. Older clients read only the first four. */
type ModelInfo = {
  readonly id: string;
  readonly type: "model";
  readonly display_name: string;
  /** Not in the reference; the picker shows it. */
  readonly description?: string;
  readonly created_at: string;
  readonly max_input_tokens: number | null;
  readonly max_tokens: number | null;
  readonly lifecycle: "active";
  readonly deprecated_at: null;
  readonly retires_at: null;
  readonly line: Family | null;
  readonly capabilities: null;
};

type ModelPage = {
  readonly data: readonly ModelInfo[];
  readonly has_more: boolean;
  readonly first_id: string | null;
  readonly last_id: string | null;
};

/** What the models are known from. */
type KnownModels = { readonly tiers: Config["models"]; readonly sites: Sites };

const defaultLimit = 20;
const maxLimit = 1000;

/** The services and request facts that these routes need. */
type ModelServices = Pick<Services, "sites" | "refreshModels"> & {
  readonly config: Pick<Config, "models">;
};
type ModelContext = Pick<RequestContext, "url">;

/** `GET /v1/models`. Throws ProxyError `invalid-request` for a wrong limit or cursor. */
export function answerModels(context: ModelContext, services: ModelServices): Response {
  services.refreshModels();
  return Response.json(listModels(context.url.searchParams, knownModels(services)));
}

/** `GET /v1/models/{id}`. Throws ProxyError `not-found`. */
export function answerModel(context: ModelContext, services: ModelServices): Response {
  services.refreshModels();
  const id = normalizePath(context.url.pathname).slice("/v1/models/".length);
  return Response.json(findModel(decode(id), knownModels(services)));
}

/**
 * One page of the list. Cursors are ids and are themselves excluded; `before_id` asks for the page that ends before
 * it.
 */
export function listModels(query: URLSearchParams, known: KnownModels): ModelPage {
  const limit = readLimit(query.get("limit"));
  const models = isAskedFor(query) ? describeAll(known) : [];
  const after = query.get("after_id");
  const before = query.get("before_id");
  const start = after === null ? 0 : placeOf(after, "after_id", models) + 1;
  const end = before === null ? models.length : placeOf(before, "before_id", models);
  const rest = models.slice(start, end);
  const data = before !== null && after === null ? rest.slice(-limit) : rest.slice(0, limit);
  return {
    data,
    has_more: rest.length > data.length,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
  };
}

/** All models here are active, so a client that filters by another `lifecycle[]` gets none. */
function isAskedFor(query: URLSearchParams): boolean {
  const wanted = [...query.getAll("lifecycle[]"), ...query.getAll("lifecycle")];
  return wanted.length === 0 || wanted.includes("active");
}

/**
 * One model, by an id of the list or by any name that a request may use for it: a tier's full name, or the backend's
 * own name, each with or without `[1m]`. The window reported is the real one.
 */
export function findModel(id: string, known: KnownModels): ModelInfo {
  const listed = describeAll(known).find((model) => model.id === id);
  if (listed) return listed;
  const tier = known.sites.tierOf(id);
  if (tier) return { ...describeTier(tier, known), id };
  const explicit = readExplicit(id, known.sites);
  if (explicit)
    return describe(
      id,
      explicit.model + siteName(explicit.site, known),
      explicit.site.catalog.facts(explicit.model),
    );
  const facts = known.sites.default.catalog.facts(mapModel(id, known.tiers));
  if (facts) return describe(id, facts.displayName ?? facts.id, facts);
  throw new ProxyError("not-found", `Cannot find the model ${id}: it is not in the list of GET /v1/models`);
}

function knownModels({ config, sites }: ModelServices): KnownModels {
  return { tiers: config.models, sites };
}

function describeAll(known: KnownModels): ModelInfo[] {
  const models = [
    ...tiers.map((tier) => describeTier(tier, known)),
    ...known.sites.all.flatMap((site) =>
      site.catalog.all().map((facts) => describeListed(facts, site, known)),
    ),
  ];
  return models.flatMap((model) =>
    (model.max_input_tokens ?? 0) < markedWindow
      ? [model]
      : [model, { ...model, id: model.id + windowMark, display_name: `${model.display_name} (1M context)` }],
  );
}

function describeTier(tier: Tier, known: KnownModels): ModelInfo {
  const model = known.tiers[tier];
  const site = known.sites.ofTier(tier);
  const line = familyOf[tier];
  const label = line.charAt(0).toUpperCase() + line.slice(1);
  const facts = site.catalog.facts(model);
  return {
    ...describe(`${pickerPrefix}-${line}`, `${label} → ${model}${siteName(site, known)}`, facts),
    description: [tier, describeFacts(facts)].filter(Boolean).join(" · "),
    line,
  };
}

/** A model under the name that sends a request there. */
function describeListed(facts: ModelFacts, site: Site, known: KnownModels): ModelInfo {
  const name = site === known.sites.default ? facts.id : `${site.backend.id}@${facts.id}`;
  return describe(aliasFor(name), `${facts.displayName ?? facts.id}${siteName(site, known)}`, facts);
}

/** Where a model is, unless it is at the default backend. */
function siteName(site: Site, { sites }: KnownModels): string {
  return site === sites.default ? "" : ` at ${site.backend.id}`;
}

function describe(id: string, displayName: string, facts: ModelFacts | undefined): ModelInfo {
  const description = describeFacts(facts);
  return {
    id,
    type: "model",
    display_name: displayName,
    ...(description !== "" && { description }),
    created_at: new Date((facts?.created ?? 0) * 1000).toISOString(),
    max_input_tokens: facts?.contextWindow ?? null,
    max_tokens: facts?.maxOutput ?? null,
    lifecycle: "active",
    deprecated_at: null,
    retires_at: null,
    line: null,
    capabilities: null,
  };
}

function readLimit(text: string | null): number {
  if (text === null) return defaultLimit;
  const limit = /^\d+$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= maxLimit) return limit;
  throw new ProxyError("invalid-request", `limit: Input should be a whole number from 1 to ${maxLimit}`);
}

function placeOf(id: string, cursor: string, models: readonly ModelInfo[]): number {
  const place = models.findIndex((model) => model.id === id);
  if (place >= 0) return place;
  throw new ProxyError("invalid-request", `${cursor}: No model in the list has the id ${id}`);
}

function decode(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch (thrown) {
    throw new ProxyError("not-found", `Cannot find the model ${id}: it is not a valid URL part`, {
      cause: thrown,
    });
  }
}
