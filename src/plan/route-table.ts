/**
 * Which backends a request may go to, and in which order. Routes are chosen by what the client says of itself: the name
 * of the model, and in hint headers the type of the subagent and the class of the request. Nothing is guessed.
 */
import { type Hints, pickerPrefix } from "../catalog/claude-code/claude-code.ts";
import type { Config } from "../config/read-config.ts";
import type { RouteConfig, RouteKey, TargetConfig } from "../config/route-config.ts";
import { rememberResults } from "../lib/remember-results.ts";
import { readExplicit, type Site, type Sites } from "./create-sites.ts";
import { familyOf, mapModel, plainName, type Tier, tiers } from "./map-model.ts";

export const noHints: Hints = { agentType: undefined, requestClass: undefined };

/** One target of a route. */
export type RouteStep = {
  readonly site: Site;
  /** The backend's name of the model. */
  readonly model: string;
};

/** A target of a route, asked with one of its backend's keys. */
export type RoutePlace = {
  readonly step: RouteStep;
  /** The number of the key, from 0. */
  readonly key: number;
};

export type ChosenRoute = {
  /** Why the request goes there, for the log: a key of the table, `BACKEND@MODEL`, a tier, or `default`. */
  readonly name: string;
  /** In the order in which they are tried. */
  readonly steps: readonly [RouteStep, ...RouteStep[]];
  /** How long each but the last may take to its first token, ms; undefined for as long as its backend may. */
  readonly firstTokenMs: number | undefined;
  /** Whether the configuration names the target, so that it is known without the backend's list. */
  readonly isChosen: boolean;
};

export type RouteTable = {
  /** The route of a request, in the order: explicit target or alias, agent type, class, name, tier, default. */
  choose(asked: string, hints: Hints): ChosenRoute;
  ofTier(tier: Tier): ChosenRoute;
  /** The names that the configuration adds for clients. */
  readonly aliases: readonly string[];
  /** Every row in the order of choice, for people. */
  list(): RouteRow[];
};

/** A line of the table, as text. */
type RouteRow = {
  readonly key: string;
  /** `BACKEND@MODEL` each, in order. */
  readonly targets: readonly string[];
};

type Row = RouteConfig & {
  /** For keys with a pattern. */
  readonly matches: (text: string) => boolean;
};

/** Names whose routes are remembered; a client uses a handful. */
const maxNames = 256;

export function createRouteTable(
  { routes, models }: Pick<Config, "routes" | "models">,
  sites: Sites,
): RouteTable {
  const rows = routes.map((route): Row => ({ ...route, matches: compile(patternOf(route.when)) }));
  const select = (kind: RouteKey["kind"]) =>
    rows.filter(({ when }) => when.kind === kind).toSorted(bySpecificity);
  const aliases = new Map(select("alias").map((row) => [row.key, row]));
  const agents = select("agent");
  const classes = new Map(select("class").map((row) => [row.key, row]));
  const names = select("name");
  const tierRows = new Map(
    rows.flatMap((row) => (row.when.kind === "tier" ? [[row.when.tier, row] as const] : [])),
  );
  const [usual] = select("default");

  function findRow(asked: string, { agentType, requestClass }: Hints): Row | undefined {
    const name = plainName(asked);
    const alias = aliases.get(name);
    if (alias) return alias;
    const agent = agentType === undefined ? undefined : agents.find(({ matches }) => matches(agentType));
    const row = agent ?? (requestClass === undefined ? undefined : classes.get(requestClass));
    if (row) return row;
    const tier = sites.tierOf(asked);
    const own = tier && tierRows.get(tier);
    const named = names.find((each) => each.matches(name) && !(own && tier && coversTier(each, tier)));
    return named ?? own;
  }

  function toRoute(row: Row, asked: string): ChosenRoute | undefined {
    const [first, ...rest] = row.targets.flatMap((target) => toStep(target, asked, sites) ?? []);
    const { key: name, firstTokenTimeout: seconds } = row;
    const firstTokenMs = seconds === undefined ? undefined : seconds * 1000;
    return first && { name, steps: [first, ...rest], firstTokenMs, isChosen: true };
  }

  /** Without a row of the table. */
  function toUsual(asked: string, tier: Tier | undefined): ChosenRoute {
    const route = tier === undefined && usual ? toRoute(usual, asked) : undefined;
    if (route) return route;
    const site = tier === undefined ? sites.default : sites.ofTier(tier);
    const model = mapModel(asked, models, sites.default.lists);
    const name = tier === undefined ? "default" : familyOf[tier];
    return { name, steps: [{ site, model }], firstTokenMs: undefined, isChosen: false };
  }

  function find(asked: string, hints: Hints): ChosenRoute {
    const explicit = readExplicit(asked, sites);
    if (explicit)
      return { name: plainName(asked), steps: [explicit], firstTokenMs: undefined, isChosen: true };
    const row = findRow(asked, hints);
    return (row && toRoute(row, asked)) ?? toUsual(asked, sites.tierOf(asked));
  }

  /** Lists of models say which names are no tiers, and what an open tier's model is. */
  const lists = sites.all.map(({ catalog }) => catalog.all);
  const findByName = rememberResults((asked) => find(asked, noHints), maxNames, lists);
  const heedsHints = agents.length > 0 || classes.size > 0;

  return {
    aliases: [...aliases.keys()],
    choose: (asked, hints) => (heedsHints ? find(asked, hints) : findByName(asked)),
    ofTier(tier) {
      const row = tierRows.get(tier);
      return (row && toRoute(row, familyOf[tier])) ?? toUsual(familyOf[tier], tier);
    },
    list() {
      const listed = [...aliases.values(), ...agents, ...classes.values(), ...names].map(describeRow);
      const ofTiers = tiers.map((tier) => {
        const row = tierRows.get(tier);
        return row
          ? describeRow(row)
          : { key: familyOf[tier], targets: [`${sites.ofTier(tier).backend.id}@${models[tier] || "?"}`] };
      });
      return [
        ...listed,
        ...ofTiers,
        usual ? describeRow(usual) : { key: "default", targets: [`${sites.default.backend.id}@*`] },
      ];
    },
  };
}

function describeRow({ key, targets, when }: Row): RouteRow {
  const name = when.kind === "alias" ? `${key} (alias)` : key;
  return { key: name, targets: targets.map(({ backend, model }) => `${backend}@${model}`) };
}

/** Undefined for a backend that is unknown, which the configuration has refused. */
function toStep({ backend, model }: TargetConfig, asked: string, sites: Sites): RouteStep | undefined {
  const site = sites.find(backend);
  return site && { site, model: model.replaceAll("*", () => plainName(asked)) };
}

function patternOf(when: RouteKey): string {
  return when.kind === "agent" || when.kind === "name" ? when.pattern : "";
}

/** `*` stands for any text. Takes time in proportion to the text, which a client may choose. */
function compile(pattern: string): (text: string) => boolean {
  const [start = "", ...rest] = pattern.split("*");
  const end = rest.pop();
  if (end === undefined) return (text) => text === pattern;
  return (text) => {
    if (!text.startsWith(start) || text.length < start.length + end.length || !text.endsWith(end))
      return false;
    const inner = text.slice(start.length, text.length - end.length);
    let from = 0;
    return rest.every((literal) => {
      const at = inner.indexOf(literal, from);
      from = at + literal.length;
      return at >= 0;
    });
  };
}

/** Exact keys first, then those that say more. */
function bySpecificity(one: Row, other: Row): number {
  const [first, second] = [patternOf(one.when), patternOf(other.when)];
  const isLoose = (pattern: string) => Number(pattern.includes("*"));
  return isLoose(first) - isLoose(second) || second.length - first.length;
}

/**
 * Whether a pattern takes every name of a tier without naming it: `claude-*` does. Such a pattern comes after the
 * tiers' own routes, which would never be chosen otherwise.
 */
function coversTier({ matches, when }: Row, tier: Tier): boolean {
  const family = familyOf[tier];
  return matches(`${pickerPrefix}-${family}-\u{0}`) && !patternOf(when).includes(family);
}
