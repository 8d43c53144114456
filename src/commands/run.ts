/** `run`: starts a command, and a proxy of its own for as long as it runs. */
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, join } from "node:path";
import { type Catalog, createCatalog } from "../catalog/models.ts";
import { raceTimer } from "../lib/race-timer.ts";
import { CommandError } from "./command-error.ts";
import { warnAtStart } from "./doctor/warn-at-start.ts";
import { type Environment, findOtherServer, makeChildEnvironment } from "./make-child-environment.ts";
import { type ProxyOptions, type StartedProxy, startProxy } from "./start-proxy.ts";
import { wrapBatchFile } from "./wrap-batch-file.ts";

type RunOptions = ProxyOptions & {
  readonly program: string;
  readonly words: readonly string[];
  /** The user's own environment. */
  readonly env: Environment;
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
export function run(options: RunOptions): Run {
  const path = findProgram(options.program, options.env);
  warnOfOtherServer(options);
  const proxy = startProxy(options);
  // In the background: what is wrong may be told while the command runs.
  if (!options.cassette) warnAtStart(proxy, options.log).catch(() => {});
  const early = Promise.withResolvers<NodeJS.Signals>();
  let child: Bun.Subprocess | undefined;

  async function runChild(): Promise<number> {
    const known = await Promise.race([waitForModels(proxy), early.promise]);
    if (typeof known === "string") return codeOf(known);
    options.onStart();
    child = startChild(path, options, proxy, known);
    // Bun uses the same code as shells for a child that a signal ended.
    const code = await child.exited;
    // What came in last is still being counted, and may be worth a warning.
    await raceTimer(proxy.stop(), lastRecordsMs);
    return code;
  }

  return {
    ended: runChild(),
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
function findProgram(program: string, env: Environment): string {
  const path = Bun.which(program);
  if (path !== null) return path;
  const places = /[\\/]/.test(program) ? [""] : (env.PATH ?? "").split(delimiter).filter(Boolean);
  const isThere = places.some((place) => existsSync(join(place, program)));
  throw new CommandError(program, isThere);
}

function warnOfOtherServer({ env, log, program }: RunOptions): void {
  const name = findOtherServer(env);
  if (name)
    log.warning(`${name} is set, and stays: ${program} may pass this proxy by; unset it to use the proxy`);
}

/** What is known by then: a slow backend must not keep the user waiting, and clients work without. */
async function waitForModels(proxy: StartedProxy): Promise<Catalog> {
  return (await raceTimer(proxy.catalog, modelsMs)) ?? createCatalog();
}

/** @throws CommandError */
function startChild(
  path: string,
  options: RunOptions,
  proxy: StartedProxy,
  catalog: Catalog,
): Bun.Subprocess {
  const { program, words, env, clientKey } = options;
  const batch = wrapBatchFile(path, words);
  const { models } = proxy.config;
  try {
    return Bun.spawn([...(batch ?? [path, ...words])], {
      ...(batch ? { windowsVerbatimArguments: true } : { argv0: program }),
      env: { ...makeChildEnvironment({ env, url: proxy.url, clientKey, models, catalog }) },
      stdio: ["inherit", "inherit", "inherit"],
    });
  } catch (error) {
    // The program was found. ENOENT means the interpreter of a script, and is 126 in a shell as well.
    throw new CommandError(program, true, error);
  }
}
