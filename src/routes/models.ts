/**
 * The models a client may choose, in Anthropic's format: the three tiers, then the backend's own models under aliases
 * that Claude Code's picker accepts. A model with room for a million tokens is listed twice, the second time with
 * `[1m]`, because Claude Code assumes 200,000 tokens for a name without it. Answers from the catalog's snapshot and
 * never waits for the backend.
 */
import {
  type Family,
  isPicker,
  markedWindow,
  pickerPrefix,
  windowMark,
} from "../catalog/claude-code/claude-code.ts";
import { describeFacts } from "../catalog/describe-facts.ts";
import { factsByName, type ModelFacts } from "../catalog/models.ts";
import { ProxyError } from "../errors.ts";
import type { RequestContext, Services } from "../journey/services.ts";
import { quirksAt, type Site } from "../plan/create-sites.ts";
import { aliasFor, familyOf, type Tier, tiers } from "../plan/map-model.ts";
import { noHints, type RouteStep } from "../plan/route-table.ts";
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
type KnownModels = Pick<Services, "sites" | "routes">;

type ListOptions = {
  /** For Claude Code's picker: a model that a tier shows is not listed again. */
  readonly forPicker?: boolean;
  /** Tiers that the picker shows by itself. */
  readonly without?: readonly Tier[];
};

const defaultLimit = 20;
const maxLimit = 1000;

/** The services and request facts that these routes need. */
type ModelServices = KnownModels & Pick<Services, "refreshModels">;
type ListServices = ModelServices & Pick<Services, "shownTiers">;
type ListContext = Pick<RequestContext, "url" | "request">;
type ModelContext = Pick<RequestContext, "url">;

/**
 * `GET /v1/models`. Claude Code's picker gets each model once.
 * @throws ProxyError `invalid-request` for a wrong limit or cursor
 */
export function answerModels(context: ListContext, services: ListServices): Response {
  services.refreshModels();
  const options = isPicker(context.request.headers.get("user-agent"))
    ? { forPicker: true, without: services.shownTiers }
    : {};
  return Response.json(listModels(context.url.searchParams, services, options));
}

/**
 * `GET /v1/models/{id}`.
 * @throws ProxyError `not-found`
 */
export function answerModel(context: ModelContext, services: ModelServices): Response {
  services.refreshModels();
  const id = normalizePath(context.url.pathname).slice("/v1/models/".length);
  return Response.json(findModel(decode(id), services));
}

/**
 * One page of the list. Cursors are ids and are themselves excluded; `before_id` asks for the page that ends before
 * it.
 */
export function listModels(query: URLSearchParams, known: KnownModels, options: ListOptions = {}): ModelPage {
  const limit = readLimit(query.get("limit"));
  const models = isAskedFor(query) ? describeAll(known, options) : [];
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
  const { steps, isChosen } = known.routes.choose(id, noHints);
  const facts = factsAt(steps[0]);
  if (facts || isChosen) return describe(id, describeSteps(steps, known), facts);
  throw new ProxyError("not-found", `Cannot find the model ${id}: it is not in the list of GET /v1/models`);
}

function describeAll(known: KnownModels, { forPicker = false, without = [] }: ListOptions = {}): ModelInfo[] {
  const shown = forPicker ? tiers : [];
  const leftOut = new Set(shown.map((tier) => factsAt(known.routes.ofTier(tier).steps[0])));
  const models = [
    ...tiers.filter((tier) => !without.includes(tier)).map((tier) => describeTier(tier, known)),
    ...known.routes.aliases.map((name) => describeAlias(name, known)),
    ...known.sites.all.flatMap((site) =>
      site.catalog.all().flatMap((facts) => (leftOut.has(facts) ? [] : describeListed(facts, site, known))),
    ),
  ];
  return models.flatMap((model) =>
    (model.max_input_tokens ?? 0) < markedWindow
      ? [model]
      : [model, { ...model, id: model.id + windowMark, display_name: `${model.display_name} (1M context)` }],
  );
}

function describeTier(tier: Tier, known: KnownModels): ModelInfo {
  const line = familyOf[tier];
  const label = line.charAt(0).toUpperCase() + line.slice(1);
  const { steps } = known.routes.ofTier(tier);
  const facts = factsAt(steps[0]);
  return {
    ...describe(`${pickerPrefix}-${line}`, `${label} → ${describeSteps(steps, known)}`, facts),
    description: [tier, describeFacts(facts)].filter(Boolean).join(" · "),
    line,
  };
}

function describeAlias(name: string, known: KnownModels): ModelInfo {
  const { steps } = known.routes.choose(name, noHints);
  return describe(aliasFor(name), `${name} → ${describeSteps(steps, known)}`, factsAt(steps[0]));
}

/** A model under the name that sends a request there. */
function describeListed(facts: ModelFacts, site: Site, known: KnownModels): ModelInfo {
  const name = isOnly(known) ? facts.id : `${site.backend.id}@${facts.id}`;
  return describe(aliasFor(name), `${facts.displayName ?? facts.id}${siteName(site, known)}`, facts);
}

/** `gpt-5.4 at router, else qwen3 at local`; the backend only if there are several. */
function describeSteps(steps: readonly RouteStep[], known: KnownModels): string {
  return steps.map(({ site, model }) => model + siteName(site, known)).join(", else ");
}

function siteName({ backend }: Site, known: KnownModels): string {
  return isOnly(known) ? "" : ` at ${backend.id}`;
}

function isOnly({ sites }: KnownModels): boolean {
  return sites.all.length === 1;
}

function factsAt({ site, model }: RouteStep): ModelFacts | undefined {
  return factsByName(site.catalog, model, quirksAt(site).request.anyModelName);
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
