/**
 * The process edge: arguments, environment, signals and exit codes. Nothing else reads `process`; the commands get
 * what they need as arguments.
 */
import { closeSync, openSync } from "node:fs";
import { basename } from "node:path";
import { writeCompletions } from "./commands/complete/write-completions.ts";
import { exits } from "./commands/exit-codes.ts";
import { chooseClientKey } from "./commands/make-child-environment.ts";
import { type Invocation, type ProxyChoice, readArguments, UsageError } from "./commands/read-arguments.ts";
import { readEnvFile } from "./commands/read-env-file.ts";
import { readKeyLine } from "./commands/read-key.ts";
import { CommandError, run } from "./commands/run.ts";
import { type Serving, serve } from "./commands/serve.ts";
import { describeBuild, describeVersion } from "./commands/version.ts";
import { describeMissingKey, describeUsage } from "./commands/write-help.ts";
import { writeManual } from "./commands/write-manual.ts";
import { findEnvFile } from "./config/find-env-file.ts";
import {
  type Config,
  ConfigError,
  type ConfigSources,
  listSecrets,
  readConfig,
} from "./config/read-config.ts";
import { findSecrets } from "./config/variables.ts";
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
    process.exit(report(error, format));
  }
}

/** Returns the exit code of a command that keeps running. */
function perform(invocation: Invocation): Promise<number> | undefined {
  switch (invocation.command) {
    case "help":
      print(invocation.manual ? writeManual(name, version) : describeUsage(program));
      return undefined;
    case "version":
      print(invocation.json ? describeBuild(build) : describeVersion(name, version));
      return undefined;
    case "completions":
      print(writeCompletions(invocation.shell, name));
      return undefined;
    case "serve":
      return serveUntilSignal(invocation);
    case "run":
      return runCommand(invocation);
    default:
      return invocation satisfies never;
  }
}

/** The log format for errors before the configuration is read. */
function chooseFormat(invocation: Invocation): LogFormat {
  const flag = "settings" in invocation ? invocation.settings.LOG_FORMAT : undefined;
  return (flag ?? process.env.LOG_FORMAT)?.trim().toLowerCase() === "json" ? "json" : "text";
}

function serveUntilSignal(invocation: Extract<Invocation, { command: "serve" }>): Promise<number> {
  const { demo, cassette, readyFile } = invocation;
  const config = loadConfig(invocation, { searchCwd: true });
  const log = prepareProcess(config);
  const serving = serve({ config, demo, cassette, log, name, version, pid: process.pid, readyFile, print });
  const stopped = stopOnSignals(serving, log, config.server.shutdownGrace);
  serving.announce();
  return stopped;
}

function runCommand(invocation: Extract<Invocation, { command: "run" }>): Promise<number> {
  const env = { ...process.env };
  const clientKey = chooseClientKey(env);
  const config = loadConfig(invocation, {
    searchCwd: false,
    flags: { HOST: "127.0.0.1", PORT: "0", ANTHROPIC_API_KEY: clientKey },
    // The terminal belongs to the command.
    fallbacks: { LOG_LEVEL: "WARNING" },
  });
  const log = prepareProcess(config);
  const running = run({ ...invocation, config, log, env, clientKey, sharesTerminal: hasTerminal() });
  for (const signal of commandSignals) process.on(signal, () => running.forward(signal));
  return running.ended;
}

type Loading = Pick<ConfigSources, "fallbacks"> & {
  readonly searchCwd: boolean;
  /** Values that no flag of the user's may change. */
  readonly flags?: ConfigSources["flags"];
};

function loadConfig(choice: ProxyChoice, { searchCwd, flags = {}, fallbacks = {} }: Loading): Config {
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
function prepareProcess(config: Config): Log {
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
function report(error: unknown, format: LogFormat): number {
  const print = format === "json" ? createLog("ERROR", printError, { format }).error : printError;
  print(redact(describeFailure(error), findSecrets(process.env)));
  if (error instanceof CommandError) return error.exitCode;
  if (error instanceof ConfigError) return exits.config.code;
  return (error instanceof UsageError ? exits.usage : exits.failed).code;
}

/** A missing key alone is no error to explain: the user has only just begun. */
function describeFailure(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof ConfigError && error.keyMissing)) return message;
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
