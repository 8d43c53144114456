/**
 * The process edge: arguments, environment, signals and exit codes. Nothing else reads `process`; the commands get
 * what they need as arguments.
 */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { describeUsage, describeWaysOn } from "./commands/help.ts";
import { type Invocation, readArguments, UsageError } from "./commands/read-arguments.ts";
import { type Serving, serve } from "./commands/serve.ts";
import { describeVersion } from "./commands/version.ts";
import { type Config, ConfigError, readConfig } from "./config.ts";
import { findEnvFile } from "./env-file.ts";
import { createLog, describeThrown, type Log } from "./telemetry/log.ts";
import { name, version } from "./version.ts";

const exitCodes = { failed: 1, usage: 2, config: 78 } as const;

/** How long answers under way may take to finish after the first signal, ms. */
const drainMs = 10_000;

/** What the user types to start us: the script when Bun runs the sources, else the binary's own name. */
const program = /^bun(\.exe)?$/.test(basename(process.execPath))
  ? "./scripts/start"
  : basename(process.execPath);

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const printError = (line: string): void => void process.stderr.write(`${line}\n`);

function main(): void {
  // A reader that went away (`| head`) is no reason to fall over, nor to report it to itself.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  try {
    run(readArguments(process.argv.slice(2)));
  } catch (error) {
    process.exitCode = report(error);
  }
}

function run(invocation: Invocation): void {
  switch (invocation.command) {
    case "help":
      return print(describeUsage(program));
    case "version":
      return print(describeVersion(name, version));
    case "serve":
      return startServing(invocation);
    default:
      return invocation satisfies never;
  }
}

function startServing(invocation: Extract<Invocation, { command: "serve" }>): void {
  const config = loadConfig(invocation);
  const log = createLog(config.logLevel, printError);
  keepLoopbackDirect();
  stayAlive(log);
  const serving = serve({
    config,
    demo: invocation.demo,
    title: describeVersion(name, version),
    print,
    log,
  });
  stopOnSignals(serving, log);
}

function loadConfig(invocation: Extract<Invocation, { command: "serve" }>): Config {
  const { env, platform } = process;
  const file = findEnvFile({ named: invocation.envFile, cwd: process.cwd(), platform, env, readFile });
  return readConfig({ flags: invocation.settings, env, file, demo: invocation.demo });
}

function readFile(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT" || code === "ENOTDIR" || code === "EISDIR") return undefined;
    throw new ConfigError([`${path} cannot be read: ${code ?? error}`]);
  }
}

/** Says what went wrong, and returns the exit code for it. */
function report(error: unknown): number {
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof ConfigError)) {
    printError(message);
    return error instanceof UsageError ? exitCodes.usage : exitCodes.failed;
  }
  const paragraphs = [];
  if (!error.keyMissing || error.problems.length > 1) paragraphs.push(message);
  if (error.keyMissing) paragraphs.push(describeWaysOn(program));
  printError(paragraphs.join("\n\n"));
  return exitCodes.config;
}

/**
 * Bun sends requests for loopback to `HTTP_PROXY` as well, where no local backend can be found. It reads these
 * variables at every request, and the lower-case one wins.
 */
function keepLoopbackDirect(): void {
  const given = process.env.no_proxy || process.env.NO_PROXY;
  if (given?.trim() === "*") return;
  const direct = [...(given ? [given] : []), "127.0.0.1", "localhost", "::1"].join(",");
  process.env.NO_PROXY = direct;
  process.env.no_proxy = direct;
}

/** One stray promise must not end everybody's conversations. */
function stayAlive(log: Log): void {
  process.on("unhandledRejection", (thrown) =>
    log.error("Unhandled rejection", { error: describeThrown(thrown) }),
  );
  process.on("uncaughtException", (thrown) =>
    log.error("Uncaught exception", { error: describeThrown(thrown) }),
  );
}

/** The first signal lets answers under way finish, for a while; the second ends at once. */
function stopOnSignals(serving: Serving, log: Log): void {
  let stopping = false;
  const stop = (signal: "SIGINT" | "SIGTERM", code: number): void => {
    if (stopping) process.exit(code);
    stopping = true;
    log.info(`${signal}: letting answers under way finish; send it again to end now`);
    setTimeout(() => {
      log.warning("Stop: some answers were cut off", { after: `${drainMs / 1000}s` });
      process.exit(code);
    }, drainMs);
    serving.stop().then(
      () => process.exit(0),
      (error) => process.exit(report(error)),
    );
  };
  process.on("SIGINT", () => stop("SIGINT", 130));
  process.on("SIGTERM", () => stop("SIGTERM", 143));
}

main();
