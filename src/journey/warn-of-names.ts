/** Warns once of each Claude model name of an unknown family: a new release may bring one. */
import type { Config } from "../config/read-config.ts";
import type { Sites } from "../plan/create-sites.ts";
import { isUnknownClaude, mapModel } from "../plan/map-model.ts";
import type { Log } from "../telemetry/log.ts";

/** Names come from clients, who may invent any number of them. */
const maxNames = 100;

type WarningContext = {
  readonly config: Pick<Config, "models">;
  readonly sites: Sites;
  readonly log: Pick<Log, "warning">;
};

/** @returns takes the model of every request */
export function createNameWarning({ config, sites, log }: WarningContext): (name: string) => void {
  const seen = new Set<string>();
  let last: string | undefined;
  return (name) => {
    if (name === last) return;
    last = name;
    if (!isUnknownClaude(name) || seen.has(name) || seen.size >= maxNames) return;
    seen.add(name);
    const model = mapModel(name, config.models, sites.default.lists);
    if (model === config.models.middle)
      log.warning(`The model name ${name} belongs to no known family, so it goes to MIDDLE_MODEL`, { model });
  };
}
