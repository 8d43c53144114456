/**
 * The process edge: arguments, environment, signals and exit codes. Nothing else reads `process`; the commands get
 * what they need as arguments.
 *
 * What is imported here is evaluated before every command, so it is small: each command imports the rest when it is
 * chosen.
 */
import { closeSync, openSync } from "node:fs";
import { basename } from "node:path";
import {
  type Capacity,
  chooseCapacity,
  fetchVariable,
  maxFetches,
  readDescriptorLimit,
} from "./commands/choose-capacity.ts";
import { CommandError } from "./commands/command-error.ts";
import { exits } from "./commands/exit-codes.ts";
import { type Invocation, type ProxyChoice, readArguments, UsageError } from "./commands/read-arguments.ts";
import type { Serving } from "./commands/serve.ts";
import { describeBuild, describeVersion } from "./commands/version.ts";
import { ConfigError } from "./config/config-error.ts";
import type { Config, ConfigSources } from "./config/read-config.ts";
import { addLoopback } from "./lib/host.ts";
import { redact } from "./lib/redact.ts";
import { createLog, describeThrown, type Log, type LogFormat } from "./telemetry/log.ts";
import { build, name, version } from "./version.ts";

/** How long the end of what was cut may take to reach its clients, ms. */
const farewellMs = 1000;

/** Signals that `run` forwards to its command: each would end us, and leave the command running. */
const commandSignals: readonly NodeJS.Signals[] =
  process.platform === "win32"
    ? ["SIGINT", "SIGTERM", "SIGHUP"]
    : ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"];

/** What the user types to start us: the script if Bun runs the sources, else the binary's own name. */
const program = /^bun(\.exe)?$/.test(basename(process.execPath))
  ? "./scripts/start"
  : basename(process.execPath);

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const printError = (line: string): void => void process.stderr.write(`${line}\n`);

async function main(): Promise<void> {
  // A reader that has gone (`| head`) is no reason to crash, nor to report it to itself.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  let format: LogFormat = "text";
  try {
    const invocation = readArguments(process.argv.slice(2));
    format = chooseFormat(invocation);
    const code = await perform(invocation);
    if (code !== undefined) process.exit(code);
  } catch (error) {
    process.exit(await report(error, format));
  }
}

/** Returns the exit code of a command that keeps running. */
async function perform(invocation: Invocation): Promise<number | undefined> {
  switch (invocation.command) {
    case "help":
      print(invocation.manual ? await makeManual() : await makeUsage());
      return undefined;
    case "version":
      print(invocation.json ? describeBuild(build) : describeVersion(name, version));
      return undefined;
    case "completions": {
      const { writeCompletions } = await import("./commands/complete/write-completions.ts");
      print(writeCompletions(invocation.shell, name));
      return undefined;
    }
    case "serve":
      raiseFetchLimit();
      return await serveUntilSignal(invocation);
    case "run":
      raiseFetchLimit();
      return await runCommand(invocation);
    default:
      return invocation satisfies never;
  }
}

async function makeUsage(): Promise<string> {
  const { describeUsage } = await import("./commands/write-help.ts");
  return describeUsage(program);
}

async function makeManual(): Promise<string> {
  const { writeManual } = await import("./commands/write-manual.ts");
  return writeManual(name, version);
}

/**
 * Bun runs 256 fetches at once, and reads the variable that changes this only when a process begins. So the process
 * begins again, as itself: same id, same files, same terminal. Windows cannot do this, and keeps the 256.
 */
function raiseFetchLimit(): void {
  if (process.env[fetchVariable] || process.platform === "win32") return;
  // A compiled program names its script itself.
  const script = build.target === "source" ? [...process.execArgv, process.argv[1] ?? ""] : [];
  const words = [process.argv0, ...script, ...process.argv.slice(2)];
  try {
    process.execve?.(process.execPath, words, { ...process.env, [fetchVariable]: String(maxFetches) });
  } catch {
    // Some sandboxes forbid it.
  }
}

function measureCapacity({ server }: Config, log: Log): Capacity {
  const capacity = chooseCapacity(server.maxRequests, {
    fetches: process.env[fetchVariable],
    descriptors: readDescriptorLimit(process.report.getReport()),
  });
  if (capacity.limitedBy !== undefined)
    log.info(`At most ${capacity.requests} requests at once`, { reason: capacity.limitedBy });
  return capacity;
}

/** The log format for errors before the configuration is read. */
function chooseFormat(invocation: Invocation): LogFormat {
  const flag = "settings" in invocation ? invocation.settings.LOG_FORMAT : undefined;
  return (flag ?? process.env.LOG_FORMAT)?.trim().toLowerCase() === "json" ? "json" : "text";
}

async function serveUntilSignal(invocation: Extract<Invocation, { command: "serve" }>): Promise<number> {
  const { serve } = await import("./commands/serve.ts");
  const { demo, cassette, readyFile } = invocation;
  const config = await loadConfig(invocation, { searchCwd: true });
  const log = await prepareProcess(config);
  const capacity = measureCapacity(config, log);
  const { pid } = process;
  const serving = serve({ config, demo, cassette, capacity, log, name, version, pid, readyFile, print });
  const stopped = stopOnSignals(serving, log, config.server.shutdownGrace);
  serving.announce();
  return await stopped;
}

async function runCommand(invocation: Extract<Invocation, { command: "run" }>): Promise<number> {
  const { run } = await import("./commands/run.ts");
  const { chooseClientKey } = await import("./commands/make-child-environment.ts");
  const env = { ...process.env };
  const clientKey = chooseClientKey(env);
  const config = await loadConfig(invocation, {
    searchCwd: false,
    flags: { HOST: "127.0.0.1", PORT: "0", ANTHROPIC_API_KEY: clientKey },
    // The terminal belongs to the command.
    fallbacks: { LOG_LEVEL: "WARNING" },
  });
  const log = await prepareProcess(config);
  const capacity = measureCapacity(config, log);
  const running = run({
    ...invocation,
    config,
    capacity,
    log,
    env,
    clientKey,
    sharesTerminal: hasTerminal(),
  });
  for (const signal of commandSignals) process.on(signal, () => running.forward(signal));
  return await running.ended;
}

type Loading = Pick<ConfigSources, "fallbacks"> & {
  readonly searchCwd: boolean;
  /** Values that no flag of the user's may change. */
  readonly flags?: ConfigSources["flags"];
};

async function loadConfig(
  choice: ProxyChoice,
  { searchCwd, flags = {}, fallbacks = {} }: Loading,
): Promise<Config> {
  const { findEnvFile } = await import("./config/find-env-file.ts");
  const { readConfig } = await import("./config/read-config.ts");
  const { readKeyLine } = await import("./commands/read-key.ts");
  const { readEnvFile } = await import("./commands/read-env-file.ts");
  const { env, platform } = process;
  const { settings, envFile: named, demo } = choice;
  const { file, warnings } = findEnvFile({
    named,
    cwd: process.cwd(),
    searchCwd,
    platform,
    env,
    readFile: (path) => readEnvFile(path, platform),
  });
  const key = choice.keyFromStdin ? { OPENAI_API_KEY: readKeyLine() } : {};
  const noKey = choice.cassette?.mode === "replay" ? { OPENAI_API_KEY: "replay" } : {};
  return readConfig({
    flags: { ...settings, ...key, ...flags },
    env,
    file,
    warnings,
    demo,
    fallbacks: { ...fallbacks, ...noKey },
  });
}

/** Makes the process ready for a proxy, and opens its log. */
async function prepareProcess(config: Config): Promise<Log> {
  const { listSecrets } = await import("./config/read-config.ts");
  const { level, format } = config.log;
  const secrets = listSecrets(config);
  // Whatever a message contains, and wherever it comes from.
  const log = createLog(level, (line) => printError(redact(line, secrets)), { format });
  for (const words of config.warnings) log.warning(words);
  bypassProxiesForLoopback();
  logUncaughtErrors(log);
  return log;
}

/** Bun reads these variables for every request, and the lower-case one takes precedence. */
function bypassProxiesForLoopback(): void {
  const direct = addLoopback(process.env.no_proxy || process.env.NO_PROXY);
  process.env.NO_PROXY = direct;
  process.env.no_proxy = direct;
}

/** One unhandled rejection must not end everyone's conversations. */
function logUncaughtErrors(log: Log): void {
  process.on("unhandledRejection", (thrown) =>
    log.error("Unhandled rejection", { error: describeThrown(thrown) }),
  );
  process.on("uncaughtException", (thrown) =>
    log.error("Uncaught exception", { error: describeThrown(thrown) }),
  );
}

/** Reports what went wrong, and returns the exit code for it. */
async function report(error: unknown, format: LogFormat): Promise<number> {
  const print = format === "json" ? createLog("ERROR", printError, { format }).error : printError;
  const { findSecrets } = await import("./config/variables.ts");
  print(redact(await describeFailure(error), findSecrets(process.env)));
  if (error instanceof CommandError) return error.exitCode;
  if (error instanceof ConfigError) return exits.config.code;
  return (error instanceof UsageError ? exits.usage : exits.failed).code;
}

/** A missing key alone is no error to explain: the user has only just begun. */
async function describeFailure(error: unknown): Promise<string> {
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof ConfigError && error.keyMissing)) return message;
  const { describeMissingKey } = await import("./commands/write-help.ts");
  const waysOn = describeMissingKey(program);
  return error.problems.length > 1 ? `${message}\n\n${waysOn}` : waysOn;
}

/** Whether Ctrl-C reaches the command without us. */
function hasTerminal(): boolean {
  if (process.platform === "win32") return true;
  try {
    closeSync(openSync("/dev/tty", "r"));
    return true;
  } catch {
    return false;
  }
}

/**
 * The first signal lets answers in progress finish, for a while; the second, or the end of that time, ends them in an
 * error; the third exits at once. Resolves with the exit code when they have finished.
 * @param grace seconds
 */
function stopOnSignals(serving: Serving, log: Log, grace: number): Promise<number> {
  const stopped = Promise.withResolvers<number>();
  let stage: "serving" | "stopping" | "cut" = "serving";
  const cut = (code: number): void => {
    stage = "cut";
    setTimeout(() => process.exit(code), farewellMs);
    serving.stop().then(() => process.exit(code), stopped.reject);
    serving.cut();
  };
  const stop = (signal: "SIGINT" | "SIGTERM", code: number): void => {
    switch (stage) {
      case "serving":
        stage = "stopping";
        log.info(`${signal}: finishing the answers in progress; send it again to stop now`);
        setTimeout(() => {
          log.warning("Stopped before all answers were finished", { after: `${grace}s` });
          cut(code);
        }, grace * 1000);
        serving
          .stop()
          .then(() => stage === "stopping" && stopped.resolve(exits.success.code), stopped.reject);
        return;
      case "stopping":
        return cut(code);
      case "cut":
        return process.exit(code);
      default:
        return stage satisfies never;
    }
  };
  process.on("SIGINT", () => stop("SIGINT", exits.interrupted.code));
  process.on("SIGTERM", () => stop("SIGTERM", exits.terminated.code));
  return stopped.promise;
}

void main();
