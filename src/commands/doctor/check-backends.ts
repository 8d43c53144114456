/** What the lists of all backends say. With several, each is asked for the models that routes send there. */
import type { Config } from "../../config/read-config.ts";
import { quirksAt, type Site } from "../../plan/create-sites.ts";
import type { RouteTable } from "../../plan/route-table.ts";
import type { StartedProxy } from "../start-proxy.ts";
import { checkModels } from "./check-models.ts";
import type { Finding } from "./finding.ts";

type Listing = Awaited<StartedProxy["listings"][number]>;

type Checked = Pick<StartedProxy, "config" | "routes">;

export function checkBackend({ config, routes }: Checked, { site, fault }: Listing): Finding[] {
  const { catalog, backend } = site;
  const common = { catalog, fault, quirks: quirksAt(site), backend };
  if (isOnly(config)) return checkModels({ ...common, config });
  const own = config.backends.find(({ id }) => id === backend.id) ?? config.backend;
  return checkModels({
    ...common,
    config: { ...config, backend: own, media: { visionModel: undefined } },
    uses: groupTargets(site, routes),
  });
}

/** The targets of all routes, as a client can ask for each: once, and without those that depend on the asked name. */
export function listTargets({ routes }: Pick<Checked, "routes">): string[] {
  const all = routes.list().flatMap(({ targets }) => targets);
  return [...new Set(all)].filter((target) => !target.includes("*") && !target.endsWith("@?"));
}

export function isOnly({ backends, routes }: Pick<Config, "backends" | "routes">): boolean {
  return backends.length === 1 && routes.length === 0;
}

/** Each model that is asked for at a backend, with the keys of the routes that say so. */
function groupTargets({ backend }: Site, routes: RouteTable): [model: string, keys: string][] {
  const prefix = `${backend.id}@`;
  const uses = routes
    .list()
    .flatMap(({ key, targets }) =>
      targets
        .filter((target) => target.startsWith(prefix) && !target.includes("*"))
        .map((target) => ({ model: target.slice(prefix.length), key })),
    );
  const groups = Map.groupBy(uses, ({ model }) => model);
  return [...groups].map(([model, own]) => [model, own.map(({ key }) => key).join(", ")]);
}
