/** The backends of the configuration, each with what is known about its models. */
import { suggestedModel } from "../catalog/choose-quirks.ts";
import { type Catalog, createCatalog } from "../catalog/models.ts";
import type { Quirks } from "../catalog/quirks.ts";
import type { Config } from "../config/read-config.ts";
import { type Backend, createBackend } from "./create-backend.ts";
import { plainName, type Tier, tierOf } from "./map-model.ts";

/** A backend, and what its list says about its models. */
export type Site = {
  readonly backend: Backend;
  readonly catalog: Catalog;
  /** A model that the backend is known for. */
  readonly suggested: string;
  /** Whether the backend lists a model of exactly this name. */
  readonly lists: (model: string) => boolean;
};

/** Sites by the names of their backends. */
export type Sites = {
  readonly all: readonly Site[];
  readonly default: Site;
  find(id: string): Site | undefined;
  /** Where a tier goes. */
  ofTier(tier: Tier): Site;
  /** The tier that a client's name of a model selects, if any. */
  tierOf(asked: string): Tier | undefined;
};

/**
 * @param previous sites of an earlier configuration; those that are the same now stay
 * @throws Error without a backend
 */
export function createSites(
  { backends, routes }: Pick<Config, "backends" | "routes">,
  previous?: Sites,
): Sites {
  const all = backends.map((config) => {
    const backend = createBackend(config);
    const known = previous?.find(backend.id);
    return known && Bun.deepEquals(known.backend, backend, true) ? known : createSite(backend);
  });
  const byId = new Map(all.map((site) => [site.backend.id, site]));
  const ofTiers = new Map(
    routes.flatMap(({ when, targets: [first] }) =>
      when.kind === "tier" ? [[when.tier, first?.backend]] : [],
    ),
  );
  const [usual] = all;
  if (!usual) throw new Error("Cannot make the sites: the configuration has no backend");
  return {
    all,
    default: usual,
    find: (id) => byId.get(id),
    ofTier: (tier) => byId.get(ofTiers.get(tier) ?? tier) ?? usual,
    tierOf: (asked) => tierOf(asked, usual.lists),
  };
}

function createSite(backend: Backend): Site {
  const catalog = createCatalog();
  return {
    backend,
    catalog,
    suggested: suggestedModel(backend.quirks),
    lists: (model) => catalog.all().some(({ id }) => id === model),
  };
}

/** What is known of the backend: what the server says it is, else what its address says. */
export function quirksAt({ catalog, backend }: Pick<Site, "catalog" | "backend">): Quirks {
  return catalog.serverQuirks() ?? backend.quirks;
}

/** The site and the model in `BACKEND@MODEL`, with or without the prefix of the picker. */
export function readExplicit(asked: string, sites: Sites): { site: Site; model: string } | undefined {
  const [, id = "", model = ""] = /^([^@]+)@(.+)$/s.exec(plainName(asked)) ?? [];
  const site = sites.find(id);
  return site && { site, model };
}
