/** `models`: what the backend has, with windows, prices and abilities, as far as it says. */
import { shortenDollars } from "../catalog/describe-facts.ts";
import type { ModelFacts } from "../catalog/models.ts";
import { type BackendConfig, nameSettings } from "../config/list-backends.ts";
import type { Config } from "../config/read-config.ts";
import { raceTimer } from "../lib/race-timer.ts";
import type { Site } from "../plan/create-sites.ts";
import { familyOf, type Tier, tiers } from "../plan/map-model.ts";
import { createLog } from "../telemetry/log.ts";
import { makePrivate, startProxy } from "./start-proxy.ts";

/** How long the list may take, ms. */
const listMs = 20_000;

type ReadModels = {
  /** With several backends, named `BACKEND@MODEL`. */
  readonly listed: readonly ModelFacts[];
  readonly models: Config["models"];
  /** Which backends gave no list, and why. */
  readonly faults: readonly string[];
};

/**
 * Asks all backends, or the demo.
 * @throws Error, worded for the user, if there is no list at all
 */
export async function readModels(config: Config, demo: boolean, waitMs = listMs): Promise<ReadModels> {
  const { config: own } = makePrivate(config);
  const log = createLog("ERROR", () => {});
  const capacity = { requests: 1, fetches: 8 };
  const proxy = await startProxy({ config: own, demo, cassette: undefined, capacity, log });
  try {
    const isOnly = proxy.listings.length === 1;
    const nameAt = ({ backend }: Site, model: string) => (isOnly ? model : `${backend.id}@${model}`);
    const reads = await Promise.all(proxy.listings.map((listing) => raceTimer(listing, waitMs)));
    const faults = reads.flatMap((read, at) => {
      const backend = proxy.config.backends[at];
      if (!backend || (read && !read.fault)) return [];
      const fault = read?.fault?.message ?? describeSilence(backend, waitMs);
      return [isOnly ? fault : `${backend.id}: ${fault}`];
    });
    if (faults.length === reads.length) throw new Error(faults.join("\n"));
    const ofTier = (tier: Tier) => {
      const { site, model } = proxy.routes.ofTier(tier).steps[0];
      return nameAt(site, model);
    };
    return {
      listed: reads.flatMap((read) =>
        read ? read.site.catalog.all().map((facts) => ({ ...facts, id: nameAt(read.site, facts.id) })) : [],
      ),
      models: { big: ofTier("big"), middle: ofTier("middle"), small: ofTier("small") },
      faults,
    };
  } finally {
    await proxy.stop();
  }
}

function describeSilence({ id, baseUrl }: BackendConfig, waitedMs: number): string {
  const { host } = new URL(baseUrl);
  const { address } = nameSettings(id);
  return `Cannot list the models: the backend at ${host} was silent for ${waitedMs / 1000} s; check ${address}`;
}

/** Lines of a table; the models in use come first. */
export function describeModels(listed: readonly ModelFacts[], models: Config["models"]): string[] {
  const used = (id: string) => tiers.filter((tier) => models[tier] === id).map((tier) => familyOf[tier]);
  const sorted = listed.toSorted((a, b) => used(b.id).length - used(a.id).length || (a.id < b.id ? -1 : 1));
  const rows = sorted.map((facts) => [
    facts.id,
    used(facts.id).join(", "),
    facts.contextWindow === undefined ? "?" : facts.contextWindow.toLocaleString("en"),
    facts.price === undefined
      ? "?"
      : `${shortenDollars(facts.price.input)} / ${shortenDollars(facts.price.output)}`,
    abilitiesOf(facts).join(", ") || "?",
  ]);
  const heads = ["model", "used for", "window", "$ per million, in / out", "abilities"];
  const all = [heads, ...rows];
  const widths = heads.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      // Names of a server must not steer the terminal.
      .replace(/\p{Cc}/gu, " ")
      .trimEnd(),
  );
}

const abilities = ["tools", "reasoning", "structured_outputs"] as const;

/** What the list says a model can do; none if it says nothing. */
export function abilitiesOf({ supportedParameters = [] }: ModelFacts): string[] {
  return abilities.filter((name) => supportedParameters.includes(name));
}

export function writeModelsJson(listed: readonly ModelFacts[], models: Config["models"]): string {
  return JSON.stringify({
    tiers: models,
    models: listed.map((facts) => ({
      id: facts.id,
      context_window: facts.contextWindow ?? null,
      max_output: facts.maxOutput ?? null,
      price_per_million: facts.price ?? null,
      abilities: abilitiesOf(facts),
    })),
  });
}
