/** Routes and aliases as they are configured: what each is for, and the `BACKEND@MODEL` that it leads to. */
import { largestFamily, requestClasses } from "../catalog/claude-code/claude-code.ts";
import { findNearest, isNearly, isTransposed } from "../lib/suggest-word.ts";
import type { BackendConfig } from "./list-backends.ts";

export type TargetConfig = {
  /** The name of a backend. */
  readonly backend: string;
  /** With `*` for the name that the client asks for. */
  readonly model: string;
};

/** What a route is for. */
export type RouteKey =
  /** A name that clients may use. */
  | { readonly kind: "alias"; readonly name: string }
  /** The type of a subagent; may contain `*`. */
  | { readonly kind: "agent"; readonly pattern: string }
  | { readonly kind: "class"; readonly name: string }
  /** The name that the client asks for; may contain `*`. */
  | { readonly kind: "name"; readonly pattern: string }
  | { readonly kind: "tier"; readonly tier: "big" | "middle" | "small" }
  /** Everything else. */
  | { readonly kind: "default" };

export type RouteConfig = {
  readonly when: RouteKey;
  /** As it is written in the file. */
  readonly key: string;
  /** In the order in which they are tried; never empty. */
  readonly targets: readonly TargetConfig[];
  /** How long each but the last may take to its first token, seconds. */
  readonly firstTokenTimeout: number | undefined;
  /** Where the file says so, for an error message. */
  readonly place: string;
};

/** What a `config.toml` says. */
export type ConfigFile = {
  readonly path: string;
  readonly backends: readonly BackendConfig[];
  /** Backends that are there, with mistakes. */
  readonly faulty: readonly string[];
  readonly routes: readonly RouteConfig[];
  /** The variables that its keys and headers are in. */
  readonly secretVariables: readonly string[];
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
};

const tierWords = { opus: "big", sonnet: "middle", haiku: "small" } as const;

const agentPrefix = "agent:";

/** The key of a route, as it is written in `[routes]`. */
export function readRouteKey(key: string): RouteKey {
  if (key.startsWith(agentPrefix)) return { kind: "agent", pattern: key.slice(agentPrefix.length) };
  if (requestClasses.includes(key)) return { kind: "class", name: key };
  if (isTierWord(key)) return { kind: "tier", tier: tierWords[key] };
  if (key === largestFamily) return { kind: "name", pattern: `*${key}*` };
  return key === "default" ? { kind: "default" } : { kind: "name", pattern: key };
}

/** Whether a key is no such word, or one that is written as it must be. */
export function isKnownCase(key: string): boolean {
  const isName = (text: string) => readRouteKey(text).kind === "name";
  return !isName(key) || isName(key.toLowerCase());
}

/** A warning about a key that is nearly one of the words for routes: as it is, it matches only a model of that name. */
export function findMisspelledRoute({ when, key, place }: RouteConfig): string | undefined {
  if (when.kind !== "name" || key === largestFamily) return undefined;
  const [start = ""] = /^[^:]*:?/.exec(key) ?? [];
  const words = start.endsWith(":")
    ? [agentPrefix]
    : [...Object.keys(tierWords), largestFamily, ...requestClasses, "default"];
  const meant = words.find((word) => isNearly(start, word) || isTransposed(start, word));
  const rest = key.slice(start.length);
  return meant && `${place} is taken as the name of a model; did you mean ${meant}${rest}?`;
}

function isTierWord(key: string): key is keyof typeof tierWords {
  return Object.hasOwn(tierWords, key);
}

/** Undefined for a text without a backend or without a model. */
export function readTarget(text: string): TargetConfig | undefined {
  const [, backend, model] = /^([^@\s]+)@(\S+)$/.exec(text) ?? [];
  return backend === undefined || model === undefined ? undefined : { backend, model };
}

/** A problem with a target that no backend stands for. */
export function findUnknownBackends(routes: readonly RouteConfig[], known: readonly string[]): string[] {
  return routes.flatMap(({ targets, place }) =>
    targets.flatMap(({ backend }) => {
      if (known.includes(backend)) return [];
      const nearest = findNearest(backend, known);
      const advice = nearest === undefined ? `there are ${known.join(", ")}` : `did you mean ${nearest}?`;
      return [`${place}: there is no backend ${backend}; ${advice}`];
    }),
  );
}
