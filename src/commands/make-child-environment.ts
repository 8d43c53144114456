/**
 * The environment of the command started by `run`: where the proxy is, which models it has and how large their windows
 * are, in the variables that Claude Code reads, and without our secrets. What the user has set is kept.
 */

import {
  clientVariables,
  compactWindow,
  knownNames,
  otherServerVariables,
  pickerSuffixes,
  unknownModelOutput,
  usualWindow,
} from "../catalog/claude-code/claude-code.ts";
import { describeFacts } from "../catalog/describe-facts.ts";
import type { ModelFacts } from "../catalog/models.ts";
import type { Config } from "../config/read-config.ts";
import { findVariable } from "../config/variables.ts";
import { addLoopback } from "../lib/host.ts";
import { oneLine } from "../lib/show-plainly.ts";
import { aliasFor, familyOf, mapModel, type Tier } from "../plan/map-model.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

export type ChildFacts = {
  /** The user's own environment. */
  readonly env: Environment;
  readonly url: string;
  /** The key that the proxy expects from its clients. */
  readonly clientKey: string;
  /** Whether some backend is for the user's own login or key, which the command must send as well. */
  readonly takesCallersKey: boolean;
  /** The variables that a `config.toml` names as keys of backends. */
  readonly secretVariables: readonly string[];
  readonly models: Config["models"];
  /** What is known about the model of a tier. */
  readonly factsOf: (tier: Tier) => ModelFacts | undefined;
  /** The name of the backend that a tier goes to, if there are several: then only the tier's name leads to its route. */
  readonly backendOf: (tier: Tier) => string | undefined;
  /** Whether it may be Claude Code, which asks about a key in `ANTHROPIC_API_KEY`; other clients look only there. */
  readonly mayBeClient: boolean;
  /** Whether the models go by names that Claude Code knows: those of the demo would make it complain. */
  readonly usesKnownNames: boolean;
};

/** The variable by which the user sends the command to another server, if there is one. */
export function findOtherServer(env: Environment): string | undefined {
  return otherServerVariables.find((name) => env[name]);
}

/**
 * The user's own client key for this run, if there is one, else a new one. A token for another server comes with that
 * server's address.
 */
export function chooseClientKey(env: Environment): string {
  const own = env[clientVariables.authToken];
  return own && /^[\x21-\x7e]+$/.test(own) ? own : `run-${crypto.randomUUID()}`;
}

/**
 * The environment of the command. If the user points it at another server, it is their own environment without our
 * secrets and the variables that take over Bun.
 */
export function makeChildEnvironment(facts: ChildFacts): Environment {
  const { env } = facts;
  const hasOtherServer = findOtherServer(env) !== undefined;
  // Windows does not tell the cases of names apart.
  const named = new Set(facts.secretVariables.map((name) => name.toUpperCase()));
  const ours: Environment = hasOtherServer
    ? {}
    : { ...describeProxy(facts), ...describeTiers(facts), ...describeWindow(facts) };
  const kept = Object.entries(env).filter(([name, value]) => {
    // As in the configuration, an empty value counts as unset. A token that is a valid key is already ours.
    const isReplaced =
      name in ours && (!value || name === clientVariables.authToken || name === customHeaders);
    const isUsersOwn = name === "ANTHROPIC_API_KEY" && (hasOtherServer || facts.takesCallersKey);
    const isLeftOut = !isUsersOwn && (isSecret(name) || named.has(name.toUpperCase()));
    return !isReplaced && !hijacksBun(name) && !isLeftOut;
  });
  return {
    ...ours,
    ...Object.fromEntries(kept),
    NO_PROXY: addLoopback(env.NO_PROXY),
    no_proxy: addLoopback(env.no_proxy || env.NO_PROXY),
  };
}

/**
 * The proxy's own client key counts as well: `ANTHROPIC_API_KEY` may contain a key for another server, which Claude Code
 * would send beside the token, and which takes precedence; its terminal UI asks about it (2.1.330).
 */
function isSecret(name: string): boolean {
  const variable = findVariable(name);
  return variable?.secret === true && !variable.isShared;
}

/**
 * They make every program built with Bun, including Claude Code, run other code or print its headers; or they are meant
 * for this process.
 */
function hijacksBun(name: string): boolean {
  return /^BUN_(?:BE_BUN|OPTIONS|INSPECT\w*|CONFIG_VERBOSE_FETCH|CONFIG_MAX_HTTP_REQUESTS|JSC_\w+)$/.test(
    name,
  );
}

const { customHeaders } = clientVariables;

/** A token would take the place of the user's login, and a key of the user's own comes in the other header. */
function writeKey({ env, clientKey, takesCallersKey, mayBeClient }: ChildFacts): Environment {
  if (!takesCallersKey)
    return {
      [clientVariables.authToken]: clientKey,
      ...(mayBeClient ? {} : { ANTHROPIC_API_KEY: clientKey }),
    };
  if (env.ANTHROPIC_API_KEY) return { [clientVariables.authToken]: clientKey };
  const headers = [env[customHeaders], `x-api-key: ${clientKey}`].filter(Boolean).join("\n");
  return { [customHeaders]: headers, [clientVariables.authToken]: undefined };
}

function describeProxy(facts: ChildFacts): Environment {
  return {
    [clientVariables.baseUrl]: facts.url,
    ...writeKey(facts),
    [clientVariables.discovery]: "1",
    // Makes auto mode's safety check run through the proxy; otherwise it does not run at all.
    [clientVariables.autoModeServer]: "0",
    // For the log.
    [clientVariables.hintHeaders]: "1",
  };
}

const tierVariables = [
  [clientVariables.fableModel, "big"],
  [clientVariables.opusModel, "big"],
  [clientVariables.sonnetModel, "middle"],
  [clientVariables.haikuModel, "small"],
] as const satisfies readonly (readonly [string, Tier])[];

/** The tiers whose models the picker of the command shows, because its environment says so. */
export function listShownTiers(env: Environment): Tier[] {
  if (findOtherServer(env)) return [];
  return tierVariables.flatMap(([variable, tier]) => (env[variable] ? [] : tier));
}

/** The models behind the client's own names, and what its picker shows for them. */
function describeTiers({ env, models, factsOf, usesKnownNames, backendOf }: ChildFacts): Environment {
  const { name, description } = pickerSuffixes;
  const described = tierVariables.flatMap(([variable, tier]) => {
    const model = models[tier];
    const backend = backendOf(tier);
    const own = backend === undefined ? nameForClient(model, models) : nameOfRoute(tier, model);
    const asked = usesKnownNames ? knownNames[familyOf[tier]] : own;
    // The user's own model has the user's own words.
    if (asked === undefined || env[variable]) return [];
    const facts = factsOf(tier);
    return [
      [variable, asked],
      [variable + name, oneLine(facts?.displayName ?? model)],
      [
        variable + description,
        // Fable goes where Opus goes; a second row needs to say why it is there.
        oneLine(
          [
            variable === clientVariables.fableModel ? `${tier}, for Fable` : tier,
            backend && `at ${backend}`,
            describeFacts(facts),
          ]
            .filter(Boolean)
            .join(" · "),
        ),
      ],
    ];
  });
  return Object.fromEntries(described);
}

/** The backend's own name, which users know, unless it would be mistaken for a tier's; undefined while it is open. */
function nameForClient(model: string, models: Config["models"]): string | undefined {
  if (model === "") return undefined;
  return mapModel(model, models) === model ? model : aliasFor(model);
}

/**
 * A name that selects the tier, and that Claude Code does not take for one of its own models, of which it believes to
 * know the window. Undefined where the asked name itself is sent on.
 */
function nameOfRoute(tier: Tier, model: string): string | undefined {
  return model === "" || model.includes("*") ? undefined : `${familyOf[tier]}-route`;
}

/**
 * The smallest window that a conversation may meet; the small model has only background tasks. Claude Code assumes a
 * million tokens for an unknown model, else 200,000; a number has an effect only if the first assumption is switched
 * off.
 */
function describeWindow({ factsOf }: ChildFacts): Environment {
  const known = [factsOf("big"), factsOf("middle")];
  const window = smallest(known, "contextWindow");
  // Claude Code reserves room for an answer, more than a small window can spare.
  const output = Math.min(
    smallest(known, "maxOutput") ?? unknownModelOutput,
    (window ?? Number.POSITIVE_INFINITY) / 4,
  );
  return {
    // Above 200,000 it complains about this on every run, and without it assumes a million (2.1.197, 2.1.332).
    [clientVariables.disableMarkedWindow]: "1",
    // Without a number it would tell the user to update it.
    [clientVariables.contextWindow]: String(window ?? usualWindow),
    ...(window === undefined
      ? {}
      : {
          [clientVariables.compactWindow]: String(
            Math.max(compactWindow.min, Math.min(window, compactWindow.max)),
          ),
        }),
    ...(output < unknownModelOutput ? { [clientVariables.maxOutput]: String(Math.floor(output)) } : {}),
  };
}

function smallest(
  known: readonly (ModelFacts | undefined)[],
  field: "contextWindow" | "maxOutput",
): number | undefined {
  const numbers = known.flatMap((facts) => facts?.[field] ?? []);
  return numbers.length === 0 ? undefined : Math.min(...numbers);
}
