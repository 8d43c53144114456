/**
 * Warns once of each name that does not lead where its client may think: a Claude model of an unknown family, because a
 * new release may bring one, and a `BACKEND@MODEL` without such a backend. That is no error, because models may have
 * an `@` in their names.
 */
import type { Config } from "../config/read-config.ts";
import { findNearest } from "../lib/suggest-word.ts";
import type { Sites } from "../plan/create-sites.ts";
import { isUnknownClaude, mapModel } from "../plan/map-model.ts";
import { noHints, type RouteTable } from "../plan/route-table.ts";
import { cutName } from "../telemetry/entry.ts";
import type { Log } from "../telemetry/log.ts";

/** Names come from clients, who may invent any number of them. */
const maxNames = 100;

type WarningContext = {
  readonly config: Pick<Config, "models">;
  readonly sites: Sites;
  readonly routes: Pick<RouteTable, "choose">;
  readonly log: Pick<Log, "warning">;
};

/** @returns takes the model of every request */
export function createNameWarning({ config, sites, routes, log }: WarningContext): (name: string) => void {
  const seen = new Set<string>();
  let last: string | undefined;
  const backends = sites.all.map(({ backend }) => backend.id);

  function warnOfFamily(name: string): void {
    const model = mapModel(name, config.models, sites.default.lists);
    if (model === config.models.middle)
      log.warning(`The model name ${name} belongs to no known family, so it goes to MIDDLE_MODEL`, { model });
  }

  function warnOfBackend(name: string): void {
    const [, backend] = /^([a-z\d][\w.-]{0,63})@./i.exec(name) ?? [];
    const isPassedOn = routes.choose(name, noHints).name === "default" && !sites.default.lists(name);
    if (backend === undefined || !isPassedOn) return;
    const nearest = findNearest(backend, backends);
    const advice = nearest === undefined ? `there are ${backends.join(", ")}` : `did you mean ${nearest}?`;
    log.warning(`There is no backend ${backend}, so ${cutName(name)} is taken for a model's name; ${advice}`);
  }

  return (name) => {
    if (name === last) return;
    last = name;
    const isClaude = isUnknownClaude(name);
    // With only one backend, no name needs to say which.
    if (!isClaude && !(backends.length > 1 && name.includes("@"))) return;
    if (seen.has(name) || seen.size >= maxNames) return;
    seen.add(name);
    if (isClaude) warnOfFamily(name);
    else warnOfBackend(name);
  };
}
