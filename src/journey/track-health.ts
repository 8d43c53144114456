/**
 * Remembers which keys, models and backends have failed, and leaves them alone for a while. When that time is over, one
 * request may try; the others wait for what comes of it.
 */
import type { ErrorKind, ProxyError } from "../errors.ts";
import type { Site } from "../plan/create-sites.ts";
import type { RoutePlace } from "../plan/route-table.ts";

export type Health = {
  /** Whether the place may be tried now. */
  isRested(place: RoutePlace): boolean;
  /** The same, for a caller that will try it. A place whose rest is over is given to one caller only. */
  take(place: RoutePlace): boolean;
  /** @returns whether another place may do better: false for what the request itself did wrong */
  fail(place: RoutePlace, error: ProxyError): boolean;
  succeed(place: RoutePlace): void;
  /** Forgets what has failed at a backend whose settings have changed, and ignores what its last requests report. */
  retire(site: Site): void;
  /** What is left alone now. */
  list(): RestingPart[];
};

/** Something that is left alone. */
export type RestingPart = {
  /** The name of a backend. */
  readonly backend: string;
  /** Undefined for all its models. */
  readonly model: string | undefined;
  /** The number of a key, from 0; undefined for all of them. */
  readonly key: number | undefined;
  readonly reason: ErrorKind;
  /** Unix time, ms. */
  readonly until: number;
};

/** What a failure says something about. */
type Scope = "backend" | "model" | "key" | "key and model";

type Rule = {
  readonly scope: Scope;
  /** How long it is left alone if the backend does not say, ms. Doubles with each failure in a row. */
  readonly restMs: number;
};

const minute = 60_000;

/** Failures that another place may not have. */
const rules: Readonly<Partial<Record<ErrorKind, Rule>>> = {
  unreachable: { scope: "backend", restMs: minute / 4 },
  "wrong-address": { scope: "backend", restMs: minute / 4 },
  timeout: { scope: "model", restMs: minute / 4 },
  upstream: { scope: "model", restMs: minute / 4 },
  overloaded: { scope: "model", restMs: minute / 4 },
  "not-found": { scope: "model", restMs: 5 * minute },
  permission: { scope: "key and model", restMs: 5 * minute },
  "rate-limit": { scope: "key and model", restMs: minute / 2 },
  authentication: { scope: "key", restMs: 5 * minute },
  billing: { scope: "key", restMs: 10 * minute },
};

const minRestMs = 1000;
const maxRestMs = 60 * minute;
/** Doubling ends here, unless the backend asks for more. */
const maxDoubledMs = 10 * minute;
/** How long a trial may take before another request may try as well. */
const trialMs = minute / 2;

type Rest = Omit<RestingPart, "until"> & { since: number; until: number; failures: number };

/** One that has not begun yet would last too long: the clock was set back. */
const lasts = ({ since, until }: Rest, time: number): boolean => since <= time && time < until;

/** Parts that are remembered; beyond that, the oldest is forgotten. */
const maxParts = 4096;

export function createHealth(now: () => number = Date.now): Health {
  const rests = new Map<string, Rest>();
  const retired = new WeakSet<Site>();
  const keyOf = (scope: Scope, { step, key }: RoutePlace): string => {
    const model = scope === "model" || scope === "key and model" ? step.model : "";
    const number = scope === "key" || scope === "key and model" ? String(key) : "";
    return JSON.stringify([step.site.backend.id, model, number]);
  };
  const scopes: readonly Scope[] = ["backend", "model", "key", "key and model"];
  const restsOf = (place: RoutePlace): Rest[] =>
    rests.size === 0 ? [] : scopes.flatMap((scope) => rests.get(keyOf(scope, place)) ?? []);

  return {
    isRested: (place) => !restsOf(place).some((rest) => lasts(rest, now())),
    take(place) {
      const time = now();
      const found = restsOf(place);
      if (found.some((rest) => lasts(rest, time))) return false;
      for (const rest of found) {
        rest.since = time;
        rest.until = time + trialMs;
      }
      return true;
    },
    fail(place, error) {
      const rule = rules[error.kind];
      if (!rule || error.isOurs) return false;
      const isAboutKey = rule.scope === "key" || rule.scope === "key and model";
      // Each client has a key of its own there.
      if (isAboutKey && place.step.site.backend.takesCallersKey) return true;
      if (retired.has(place.step.site)) return true;
      const key = keyOf(rule.scope, place);
      const failures = (rests.get(key)?.failures ?? 0) + 1;
      const asked = error.retryAfter === undefined ? undefined : error.retryAfter * 1000;
      const usual = Math.min(rule.restMs * 2 ** (failures - 1), Math.max(rule.restMs, maxDoubledMs));
      const ms = Math.min(Math.max(asked ?? usual, minRestMs), maxRestMs);
      const isAboutModel = rule.scope === "model" || rule.scope === "key and model";
      const time = now();
      rests.set(key, {
        backend: place.step.site.backend.id,
        model: isAboutModel ? place.step.model : undefined,
        key: isAboutKey ? place.key : undefined,
        reason: error.kind,
        since: time,
        until: time + ms,
        failures,
      });
      const [oldest] = rests.keys();
      if (rests.size > maxParts && oldest !== undefined) rests.delete(oldest);
      return true;
    },
    succeed(place) {
      if (rests.size === 0 || retired.has(place.step.site)) return;
      for (const scope of scopes) rests.delete(keyOf(scope, place));
    },
    retire(site) {
      retired.add(site);
      for (const [key, { backend }] of rests) if (backend === site.backend.id) rests.delete(key);
    },
    list() {
      const time = now();
      return [...rests.values()]
        .filter((rest) => lasts(rest, time))
        .map(({ failures, since, ...part }) => part);
    },
  };
}
