/** Sites and routes of a configuration: everything about its backends that a request may depend on. */
import type { Config } from "../config/read-config.ts";
import { createSites, type Sites } from "./create-sites.ts";
import { fillTiers } from "./fill-tiers.ts";
import { createRouteTable, type RouteTable } from "./route-table.ts";

type Routing<Given> = {
  /** With open tiers filled in from the lists of their backends. */
  readonly config: Given;
  readonly sites: Sites;
  readonly routes: RouteTable;
};

/** @param previous sites of an earlier configuration; those that are the same now keep what is known about them */
export function createRouting<Given extends Pick<Config, "backends" | "models" | "routes">>(
  given: Given,
  previous?: Sites,
): Routing<Given> {
  const sites = createSites(given, previous);
  const config = { ...given, models: fillTiers(given.models, sites.ofTier) };
  return { config, sites, routes: createRouteTable(config, sites) };
}
