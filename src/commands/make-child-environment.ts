/**
 * What `run` tells its command: where the proxy is, which models it has and how much they hold, in the variables
 * that Claude Code reads; and what it keeps from it. What the user has set stays as it is.
 */
import {
  clientVariables,
  compactWindow,
  detourVariables,
  unknownModelOutput,
} from "../catalog/claude-code/claude-code.ts";
import type { Catalogue, ModelFacts } from "../catalog/models.ts";
import type { Config } from "../config/read-config.ts";
import { findVariable } from "../config/variables.ts";
import { addLoopback } from "../lib/host.ts";
import { aliasFor, mapModel } from "../plan/model.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

export type ChildFacts = {
  /** The user's own environment. */
  readonly env: Environment;
  readonly url: string;
  /** The key that the proxy asks its clients for. */
  readonly clientKey: string;
  readonly models: Config["models"];
  readonly catalogue: Catalogue;
};

/** The variable by which the user sends the command to another server, if there is one. */
export function findDetour(env: Environment): string | undefined {
  return detourVariables.find((name) => env[name]);
}

/** A client key of the user's own for this run, else a new one. A token for another server comes with its address. */
export function chooseClientKey(env: Environment): string {
  const own = env[clientVariables.authToken];
  return own && /^[\x21-\x7e]+$/.test(own) ? own : `run-${crypto.randomUUID()}`;
}

/** The environment of the command. With a detour in it, it is the user's own without our secrets and Bun's traps. */
export function makeChildEnvironment(facts: ChildFacts): Environment {
  const { env } = facts;
  const isDetour = findDetour(env) !== undefined;
  const ours: Environment = isDetour ? {} : { ...describeProxy(facts), ...describeWindow(facts) };
  const kept = Object.entries(env).filter(([name, value]) => {
    // As in the configuration, an empty text counts as unset. A token that can be a key is ours already.
    const isReplaced = name in ours && (!value || name === clientVariables.authToken);
    return !isReplaced && !isTrap(name) && !(isDetour ? isBackendSecret(name) : isSecret(name));
  });
  return {
    ...ours,
    ...Object.fromEntries(kept),
    NO_PROXY: addLoopback(env.NO_PROXY),
    no_proxy: addLoopback(env.no_proxy || env.NO_PROXY),
  };
}

/**
 * The proxy's own client key as well: in `ANTHROPIC_API_KEY` stands a key for another server, which Claude Code
 * would send beside the token, and which counts first; its terminal UI asks whether it may (2.1.330).
 */
function isSecret(name: string): boolean {
  return findVariable(name)?.secret === true;
}

function isBackendSecret(name: string): boolean {
  return isSecret(name) && name !== "ANTHROPIC_API_KEY";
}

/** They make every program built with Bun, Claude Code among them, run other code or print its headers. */
function isTrap(name: string): boolean {
  return /^BUN_(?:BE_BUN|OPTIONS|INSPECT\w*|CONFIG_VERBOSE_FETCH)$/.test(name);
}

function describeProxy({ url, clientKey, models }: ChildFacts): Environment {
  const big = nameForClient(models.big, models);
  return {
    [clientVariables.baseUrl]: url,
    [clientVariables.authToken]: clientKey,
    [clientVariables.fableModel]: big,
    [clientVariables.opusModel]: big,
    [clientVariables.sonnetModel]: nameForClient(models.middle, models),
    [clientVariables.haikuModel]: nameForClient(models.small, models),
    // Auto mode's safety check then runs through the proxy; else it does not run at all.
    [clientVariables.autoModeServer]: "0",
  };
}

/** The backend's own name, which users know, unless it would be taken for a tier's. */
function nameForClient(model: string, models: Config["models"]): string {
  return mapModel(model, models) === model ? model : aliasFor(model);
}

/**
 * The smallest of the windows a conversation may meet; the small model has only side tasks. Claude Code believes
 * in a million tokens for a model it does not know, else in 200,000; a number counts only with the first belief off.
 */
function describeWindow({ models, catalogue }: ChildFacts): Environment {
  const known = [models.big, models.middle].map((model) => catalogue.facts(model));
  const window = smallest(known, "contextWindow");
  // It keeps room for an answer free, more than a small window has to spare.
  const output = Math.min(
    smallest(known, "maxOutput") ?? unknownModelOutput,
    (window ?? Number.POSITIVE_INFINITY) / 4,
  );
  return {
    [clientVariables.disableMarkedWindow]: "1",
    ...(window === undefined
      ? {}
      : {
          [clientVariables.contextWindow]: String(window),
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
