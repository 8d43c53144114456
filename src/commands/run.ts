/** `run`: starts a command, and a proxy of its own for as long as it runs. */
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, join } from "node:path";
import { printFlag } from "../catalog/claude-code/claude-code.ts";
import { factsByName } from "../catalog/models.ts";
import { raceTimer } from "../lib/race-timer.ts";
import { quirksAt } from "../plan/create-sites.ts";
import type { Tier } from "../plan/map-model.ts";
import { adviseInstalling, findProgram, isClient, mayBeClient } from "./client/find-program.ts";
import { type ClientSettings, findSettings } from "./client/find-settings.ts";
import { givesSettings, listDiversions, saveOverride, writeOverride } from "./client/override-settings.ts";
import { refuseSmallWindow } from "./client/refuse-small-window.ts";
import { explainMissing, explainUnusable } from "./command-error.ts";
import { warnAtStart } from "./doctor/warn-at-start.ts";
import {
  type Environment,
  findOtherServer,
  listShownTiers,
  makeChildEnvironment,
} from "./make-child-environment.ts";
import { type ProxyOptions, type StartedProxy, startProxy } from "./start-proxy.ts";
import { wrapBatchFile } from "./wrap-batch-file.ts";

type RunOptions = ProxyOptions & {
  readonly program: string;
  readonly words: readonly string[];
  /** The user's own environment. */
  readonly env: Environment;
  readonly cwd: string;
  /** As in `process.platform`. */
  readonly platform: string;
  /** The client key that the proxy is configured to expect. */
  readonly clientKey: string;
  /** The terminal sends Ctrl-C and Ctrl-\ to the command as well as to us. */
  readonly sharesTerminal: boolean;
  /** Called just before the command starts; from then on the terminal is the command's. */
  readonly onStart: () => void;
};

type Run = {
  /** The exit code of the command, or 128 plus the number of the signal that ended it. Rejects with CommandError. */
  readonly ended: Promise<number>;
  /** Forwards a signal to the command; ends the run if the command has not started yet. */
  forward(signal: NodeJS.Signals): void;
  readonly reload: StartedProxy["reload"];
  readonly totals: StartedProxy["totals"];
  /** What may have sent the command elsewhere, as sentences. */
  readonly diversions: readonly string[];
};

const fromKeyboard: ReadonlySet<NodeJS.Signals> = new Set(["SIGINT", "SIGQUIT"]);

/** How long the last records may take, ms. */
const lastRecordsMs = 1000;

/** How long the command waits for the backend's model list, which contains the context windows, ms. */
const modelsMs = 3000;

/**
 * The proxy lives until the process ends, so the caller exits when the command ends.
 * @throws CommandError if there is no such program, and Error if the proxy cannot listen
 */
export async function run(options: RunOptions): Promise<Run> {
  const path = locate(options);
  const { diversions, overridden } = findDiversions(options);
  const proxy = await startProxy({ ...options, shownTiers: listShownTiers(options.env) });
  const early = Promise.withResolvers<NodeJS.Signals>();
  let child: Bun.Subprocess | undefined;

  async function runChild(): Promise<number> {
    // A slow backend must not keep the user waiting, and clients work without the lists.
    const listings = raceTimer(Promise.all(proxy.listings), modelsMs);
    const known = await Promise.race([listings, early.promise]);
    if (typeof known === "string") return codeOf(known);
    if (isClient(options.program)) refuseSmallWindow([placeOf(proxy, "big"), placeOf(proxy, "middle")]);
    const warned = options.cassette ? undefined : warnAtStart(proxy, options.log).catch(() => {});
    // What is known is said before the command takes the terminal; the rest whenever it is known.
    if (known) await warned;
    const env = makeEnvironment(options, proxy);
    const override =
      overridden.length > 0 ? saveOverride(writeOverride(overridden, env, options.env)) : undefined;
    try {
      options.onStart();
      child = startChild(path, options, env, override?.words ?? []);
      return await finish(child);
    } finally {
      override?.remove();
    }
  }

  async function finish(started: Bun.Subprocess): Promise<number> {
    // Bun uses the same code as shells for a child that a signal ended.
    const code = await started.exited;
    // What came in last is still being counted, and may be worth a warning.
    await raceTimer(proxy.stop(), lastRecordsMs);
    return code;
  }

  return {
    ended: runChild(),
    diversions,
    reload: proxy.reload,
    totals: proxy.totals,
    forward(signal) {
      if (!child) early.resolve(signal);
      else if (!(options.sharesTerminal && fromKeyboard.has(signal))) child.kill(signal);
    },
  };
}

/** The same code as in shells. */
function codeOf(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}

/** @throws CommandError */
function locate({ program, env, platform }: RunOptions): string {
  const path = findProgram(program, env, platform);
  if (path !== undefined) return path;
  const places = /[\\/]/.test(program) ? [""] : (env.PATH ?? "").split(delimiter).filter(Boolean);
  const isThere = places.some((place) => existsSync(join(place, program)));
  if (isThere) throw explainUnusable(program);
  throw explainMissing(program, isClient(program) ? adviseInstalling(platform) : undefined);
}

type Diversions = {
  /** What may send the command elsewhere, as sentences. */
  readonly diversions: readonly string[];
  /** Settings that are kept from doing so. */
  readonly overridden: readonly ClientSettings[];
};

/** Looks for what would send the command past the proxy, and warns of what is not overridden. */
function findDiversions({ program, words, env, cwd, platform, log }: RunOptions): Diversions {
  const name = findOtherServer(env);
  if (name) {
    log.warning(`${name} is set, and is kept: ${program} may bypass this proxy; unset it to use the proxy`);
    return { diversions: [`${name} is set`], overridden: [] };
  }
  const settings = findSettings({ env, cwd, platform }).filter(({ diverts }) => diverts.length > 0);
  const isOverridden = ({ isManaged }: ClientSettings) =>
    !isManaged && isClient(program) && !givesSettings(words);
  const overridden = settings.filter(isOverridden);
  const diversions = listDiversions(settings.filter((one) => !isOverridden(one)));
  for (const sentence of listDiversions(overridden)) log.info(`${sentence}: overridden for this run`);
  // Others may have nothing to do with Claude Code.
  if ([program, ...words].some((word) => /\bclaude\b/.test(word)))
    for (const sentence of diversions)
      log.warning(`${sentence}, so Claude Code bypasses this proxy; remove that to use the proxy`);
  return { diversions, overridden };
}

function makeEnvironment(
  { env, clientKey, demo, program, words }: RunOptions,
  proxy: StartedProxy,
): Environment {
  const { models, backends, routes, secretVariables } = proxy.config;
  const factsOf = (tier: Tier) => {
    const { model, catalog, quirks } = placeOf(proxy, tier);
    return factsByName(catalog, model, quirks.request.anyModelName);
  };
  const isRouted = backends.length > 1 || routes.length > 0;
  const backendOf = (tier: Tier) => (isRouted ? placeOf(proxy, tier).id : undefined);
  const usesKnownNames = demo && words.some((word) => printFlag.test(word));
  return makeChildEnvironment({
    env,
    url: proxy.url,
    clientKey,
    takesCallersKey: backends.some((backend) => backend.takesCallersKey),
    secretVariables,
    models,
    factsOf,
    backendOf,
    mayBeClient: mayBeClient([program, ...words]),
    usesKnownNames,
  });
}

/** Where the route of a tier begins. */
function placeOf({ routes }: StartedProxy, tier: Tier) {
  const { site, model } = routes.ofTier(tier).steps[0];
  return { id: site.backend.id, model, catalog: site.catalog, quirks: quirksAt(site) };
}

/**
 * @param before words to put before the user's own
 * @throws CommandError
 */
function startChild(
  path: string,
  { program, words: own }: RunOptions,
  env: Environment,
  before: readonly string[],
): Bun.Subprocess {
  const words = [...before, ...own];
  const batch = wrapBatchFile(path, words);
  try {
    return Bun.spawn([...(batch ?? [path, ...words])], {
      ...(batch ? { windowsVerbatimArguments: true } : { argv0: program }),
      env: { ...env },
      stdio: ["inherit", "inherit", "inherit"],
    });
  } catch (error) {
    // The program was found. ENOENT means the interpreter of a script, and is 126 in a shell as well.
    throw explainUnusable(program, error);
  }
}
