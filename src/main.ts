/**
 * The process edge: arguments, environment, signals and exit codes. Nothing else reads `process`; the commands get
 * what they need as arguments.
 *
 * What is imported here is evaluated before every command, so it is small: each command imports the rest when it is
 * chosen.
 */
import { closeSync, openSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename } from "node:path";
import {
  type Capacity,
  chooseCapacity,
  fetchVariable,
  readDescriptorLimit,
  startVariables,
} from "./commands/choose-capacity.ts";
import { CommandError } from "./commands/command-error.ts";
import { exits } from "./commands/exit-codes.ts";
import { type Invocation, type ProxyChoice, readArguments, UsageError } from "./commands/read-arguments.ts";
import type { ServeOptions, Serving } from "./commands/serve.ts";
import type { ServeWithWorkersOptions } from "./commands/serve-with-workers.ts";
import type { Order } from "./commands/start-worker.ts";
import { describeBuild, describeVersion } from "./commands/version.ts";
import { workerVariable } from "./commands/worker-variable.ts";
import { ConfigError } from "./config/config-error.ts";
import type { Config, ConfigSources } from "./config/read-config.ts";
import type { ConfigFile } from "./config/route-config.ts";
import { addLoopback, urlFor } from "./lib/host.ts";
import { redact } from "./lib/redact.ts";
import { createLog, describeThrown, type Log, type LogFormat, type LogLevel } from "./telemetry/log.ts";
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

/** The number that a worker was given. */
const worker = process.send && process.env[workerVariable] ? Number(process.env[workerVariable]) : undefined;

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
      print(await makeHelp(invocation));
      return undefined;
    case "config":
      return await showConfig(invocation);
    case "models":
      return await showModels(invocation);
    case "doctor":
      return await runDoctor(invocation);
    case "init":
      return await runInit(invocation);
    case "usage": {
      const { summarizeUsage } = await import("./commands/summarize-usage.ts");
      const noKey = { fallbacks: { OPENAI_API_KEY: "unused" } };
      const { usage } = await loadConfig(invocation, { searchCwd: true, ...noKey });
      print(summarizeUsage({ ...invocation, path: usage.database }));
      return exits.success.code;
    }
    case "top":
      return await watchTop(invocation);
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
      return await (worker === undefined ? serveUntilSignal(invocation) : work(invocation, worker));
    case "run":
      raiseFetchLimit();
      return await runCommand(invocation);
    default:
      return invocation satisfies never;
  }
}

async function makeHelp({ manual, topic }: Extract<Invocation, { command: "help" }>): Promise<string> {
  if (manual) {
    const { writeManual } = await import("./commands/write-manual.ts");
    return writeManual(name, version);
  }
  const { describeUsage, describeCommand } = await import("./commands/write-help.ts");
  return topic === undefined ? describeUsage(program) : describeCommand(program, topic);
}

type InspectionOf<Name extends Invocation["command"]> = Extract<Invocation, { command: Name }>;

/** Shows mistakes too, below the values that they are among. A key need not be there yet. */
async function showConfig(invocation: InspectionOf<"models" | "config">): Promise<number> {
  const { listSettings, readConfig } = await import("./config/read-config.ts");
  const { describeConfig, writeConfigJson } = await import("./commands/describe-config.ts");
  const { readClientKeys } = await import("./commands/read-client-keys.ts");
  const sources = await gatherSources(invocation, { searchCwd: true });
  const settings = listSettings(sources);
  if (invocation.json) print(writeConfigJson(settings));
  else for (const line of describeConfig(settings)) print(line);
  const config = readConfig({ ...sources, fallbacks: { ...sources.fallbacks, OPENAI_API_KEY: "unused" } });
  for (const warning of readClientKeys(config, { rewrites: false }).warnings) printError(warning);
  return exits.success.code;
}

async function showModels(invocation: InspectionOf<"models" | "config">): Promise<number> {
  const { describeModels, writeModelsJson, readModels } = await import("./commands/list-models.ts");
  const config = await loadConfig(invocation, { searchCwd: true });
  bypassProxiesForLoopback();
  const { listed, models, faults } = await readModels(config, invocation.demo);
  for (const words of faults) printError(words);
  if (invocation.json) print(writeModelsJson(listed, models));
  else for (const line of describeModels(listed, models)) print(line);
  return exits.success.code;
}

/** The proxy of the same configuration, unless another is named. */
async function watchTop(invocation: InspectionOf<"top">): Promise<number> {
  const { showTop } = await import("./commands/top/show-top.ts");
  const { openScreen } = await import("./commands/top/open-screen.ts");
  const { createSender } = await import("./upstream/transport/send.ts");
  const { stdin: input, stdout: output, env } = process;
  const { server } = await loadConfig(invocation, {
    searchCwd: true,
    fallbacks: { OPENAI_API_KEY: "unused" },
  });
  bypassProxiesForLoopback();
  const ended = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => ended.abort());
  const terminal = openScreen({ input, output });
  try {
    await showTop({
      url: invocation.url ?? urlFor(server.host, server.port),
      key: server.clientKey ?? server.clients.keys.find(({ key }) => key !== undefined)?.key,
      sender: createSender(8),
      signal: ended.signal,
      terminal,
      isColored: invocation.color && !env.NO_COLOR && env.TERM !== "dumb",
      print,
    });
  } finally {
    terminal?.close();
  }
  return exits.success.code;
}

/** How long `doctor` may take, ms. */
const doctorMs = 13_000;

async function runDoctor(invocation: InspectionOf<"doctor">): Promise<number> {
  const { examine } = await import("./commands/doctor/examine.ts");
  const { stdout, env } = process;
  bypassProxiesForLoopback();
  const isHealthy = await examine({
    loadConfig: () => loadConfig(invocation, { searchCwd: true }),
    loadSettings: async () => {
      const { listSettings } = await import("./config/read-config.ts");
      return listSettings(await gatherSources(invocation, { searchCwd: true }));
    },
    demo: invocation.demo,
    json: invocation.json,
    isColored: invocation.color && stdout.isTTY && !env.NO_COLOR && env.TERM !== "dumb",
    env,
    cwd: process.cwd(),
    platform: process.platform,
    print,
    withinMs: doctorMs,
  });
  return (isHealthy ? exits.success : exits.failed).code;
}

async function runInit(invocation: InspectionOf<"init">): Promise<number> {
  const { setUp } = await import("./commands/init/set-up.ts");
  const { readKeyLine } = await import("./commands/read-key.ts");
  const { openTerminal } = await import("./commands/init/open-terminal.ts");
  const { stdin, stderr, env, platform } = process;
  const { settings, backend, force, keyFromStdin } = invocation;
  bypassProxiesForLoopback();
  const isDone = await setUp({
    choice: {
      backend,
      force,
      baseUrl: settings.OPENAI_BASE_URL,
      big: settings.BIG_MODEL,
      middle: undefined,
      small: settings.SMALL_MODEL,
      key: keyFromStdin ? readKeyLine() : undefined,
    },
    terminal: stdin.isTTY && stderr.isTTY ? openTerminal({ input: stdin, output: stderr }) : undefined,
    env,
    platform,
    print,
    program,
  });
  return (isDone ? exits.success : exits.failed).code;
}

/**
 * Bun runs 256 fetches at once, and reads the variables that change such things only when a process begins. So the
 * process begins again, as itself: same id, same files, same terminal. Windows cannot do this, and keeps the 256.
 */
function raiseFetchLimit(): void {
  if (process.env[fetchVariable] || process.platform === "win32") return;
  const words = [process.argv0, ...findScript(), ...process.argv.slice(2)];
  try {
    process.execve?.(process.execPath, words, { ...process.env, ...startVariables });
  } catch {
    // Some sandboxes forbid it.
  }
}

/** What Bun needs to run the sources; a compiled program has its script in itself. */
function findScript(): readonly string[] {
  return build.target === "source" ? [...process.execArgv, process.argv[1] ?? ""] : [];
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

type ServeInvocation = Extract<Invocation, { command: "serve" }>;

async function serveAlone(options: Omit<ServeOptions, "capacity">): Promise<Serving> {
  const { serve } = await import("./commands/serve.ts");
  if (process.platform !== "win32")
    process.on("SIGUSR2", () => options.log.warning("SIGUSR2 replaces workers; WORKERS=1 has none"));
  return serve({ ...options, capacity: measureCapacity(options.config, options.log) });
}

/** Each worker is this program, with the same arguments and a port that is now known. */
async function startWorkers(
  count: number,
  { keyFromStdin }: ServeInvocation,
  options: ServeWithWorkersOptions,
): Promise<Serving> {
  const { serveWithWorkers } = await import("./commands/serve-with-workers.ts");
  const serving = await serveWithWorkers(options, {
    count,
    command: [process.execPath, ...findScript(), ...process.argv.slice(2)],
    env: process.env,
    stdin: keyFromStdin ? `${options.config.backend.apiKey}\n` : undefined,
  });
  process.on("SIGUSR2", () => void serving.renew());
  return serving;
}

/**
 * One of several workers: what it does is decided by the process that started it, and it ends with that process. The
 * terminal's Ctrl-C reaches it too, and is not for it.
 */
async function work(invocation: ServeInvocation, worker: number): Promise<number> {
  const { startProxy } = await import("./commands/start-proxy.ts");
  const { listening, orders } = await import("./commands/start-worker.ts");
  const { createWorkerPeers, isPeerMessage } = await import("./commands/worker-peers.ts");
  const config = await loadConfig(invocation, { searchCwd: true });
  const log = await prepareProcess(config, worker);
  const capacity = measureCapacity(config, log);
  const { demo, cassette } = invocation;
  const peers = createWorkerPeers((message) => process.send?.(message));
  const proxy = startProxy({
    config,
    demo,
    cassette,
    capacity,
    log,
    peers,
    sharesPort: true,
    keepsUsage: true,
  });
  const ended = Promise.withResolvers<number>();
  const end = (): void => ended.resolve(exits.success.code);
  const obey: Readonly<Record<Order, () => void>> = {
    stop: () => proxy.stop().then(end, ended.reject),
    retire: () => proxy.retire().then(end, ended.reject),
    cut: () => proxy.cut(),
  };
  process.on("message", (message) => {
    const order = orders.find((known) => known === message);
    if (order) obey[order]();
    else if (isPeerMessage(message)) peers.hear(message);
  });
  for (const signal of ["SIGINT", "SIGUSR2", "SIGHUP"] as const) process.on(signal, () => {});
  // A service manager may send it to all processes at once.
  process.on("SIGTERM", obey.stop);
  process.on("disconnect", () => {
    obey.stop();
    proxy.cut();
    setTimeout(end, farewellMs);
  });
  process.send?.(listening);
  return await ended.promise;
}

/** The log format for errors before the configuration is read. */
function chooseFormat(invocation: Invocation): LogFormat {
  const flag = "settings" in invocation ? invocation.settings.LOG_FORMAT : undefined;
  return (flag ?? process.env.LOG_FORMAT)?.trim().toLowerCase() === "json" ? "json" : "text";
}

async function serveUntilSignal(invocation: ServeInvocation): Promise<number> {
  const { demo, cassette, readyFile } = invocation;
  const config = await loadConfig(invocation, { searchCwd: true, starts: true });
  const log = await prepareProcess(config);
  const { chooseWorkers } = await import("./commands/choose-workers.ts");
  const machine = { platform: process.platform, processors: availableParallelism() };
  const workers = chooseWorkers(config.server.workers, { ...machine, cassette });
  const announcement = { demo, cassette, name, version, pid: process.pid, readyFile, print };
  const serving =
    workers === 1
      ? await serveAlone({ ...announcement, config, log })
      : await startWorkers(workers, invocation, { ...announcement, config, log });
  const stopped = stopOnSignals(serving, log, config.server.shutdownGrace);
  const load = () => loadConfig(invocation, { searchCwd: true });
  reloadOnSignal(await reloadOnChange({ config, log, load, take: serving.reload }));
  await serving.announce();
  return await stopped;
}

async function runCommand(invocation: Extract<Invocation, { command: "run" }>): Promise<number> {
  const { run } = await import("./commands/run.ts");
  const { chooseClientKey } = await import("./commands/make-child-environment.ts");
  const env = { ...process.env };
  const { describeRun, explainSilence } = await import("./commands/describe-run.ts");
  const { findRunLog, isWritable } = await import("./commands/open-log-file.ts");
  const { createTally } = await import("./telemetry/tally.ts");
  const clientKey = chooseClientKey(env);
  const hasScreen = process.stderr.isTTY;
  const usualLog = hasScreen ? findRunLog(process.platform, env) : undefined;
  const runLog = usualLog !== undefined && isWritable(usualLog) ? usualLog : undefined;
  const inFile = runLog ?? invocation.settings.LOG_FILE ?? env.LOG_FILE;
  const loading: Loading = {
    searchCwd: false,
    flags: { HOST: "127.0.0.1", PORT: "0", ANTHROPIC_API_KEY: clientKey },
    fallbacks: { LOG_LEVEL: inFile ? "INFO" : "WARNING", ...(runLog && { LOG_FILE: runLog }) },
  };
  const config = await loadConfig(invocation, { ...loading, starts: true });
  let isRunning = false;
  // Once the command runs, the terminal is its own: nothing may be drawn over its screen.
  const echo = (line: string, level: LogLevel): void => {
    if (hasScreen && !isRunning && (level === "WARNING" || level === "ERROR")) printError(line);
  };
  const log = await prepareProcess(config, undefined, echo);
  const tally = createTally();
  const capacity = measureCapacity(config, log);
  const running = run({
    ...invocation,
    config,
    capacity,
    log,
    env,
    cwd: process.cwd(),
    platform: process.platform,
    clientKey,
    tally,
    sharesTerminal: hasTerminal(),
    onStart() {
      isRunning = true;
    },
  });
  await reloadOnChange({ config, log, load: () => loadConfig(invocation, loading), take: running.reload });
  for (const signal of commandSignals) process.on(signal, () => running.forward(signal));
  const code = await running.ended;
  const { totals } = tally;
  const { diversions } = running;
  if (hasScreen && isRunning)
    printError(describeRun({ totals, logFile: config.log.file, home: env.HOME, diversions }));
  else if (totals.messages === 0 && diversions.length > 0)
    log.warning(`The command sent no request: ${explainSilence(diversions)}`);
  return code;
}

type Reloading = {
  readonly config: Config;
  readonly log: Log;
  readonly load: () => Promise<Config>;
  readonly take: (config: Config) => void;
};

/**
 * Reads the configuration again when its `config.toml` changes. One with mistakes changes nothing.
 * @returns reads it again at once
 */
async function reloadOnChange({ config, log, load, take }: Reloading): Promise<() => void> {
  const reload = (): void => {
    load()
      .then(async (next) => {
        await addSecrets(next);
        take(next);
        log.info("Read the configuration again");
      })
      .catch((error: unknown) => {
        const problems = error instanceof ConfigError ? error.problems.join("; ") : describeThrown(error);
        log.error("Cannot use the changed configuration: the old one stays in force", { problems });
      });
  };
  if (config.configFile !== undefined) {
    const { watchFile } = await import("./commands/watch-file.ts");
    watchFile(config.configFile, reload);
  }
  return reload;
}

/** SIGHUP reads the configuration again. When the terminal goes away, it ends the process as it always did. */
function reloadOnSignal(reload: () => void): void {
  if (process.platform === "win32") return;
  const hadTerminal = hasTerminal();
  process.on("SIGHUP", () => {
    if (hadTerminal && !hasTerminal()) process.exit(exits.terminated.code);
    reload();
  });
}

type Loading = Pick<ConfigSources, "fallbacks"> & {
  /** A proxy starts with it, and goes on. */
  readonly starts?: true;
  readonly searchCwd: boolean;
  /** Values that no flag of the user's may change. */
  readonly flags?: ConfigSources["flags"];
};

/** The key from stdin, which can be read once. */
let keyLine: string | undefined;

async function loadConfig(choice: ProxyChoice, loading: Loading): Promise<Config> {
  const { readConfig } = await import("./config/read-config.ts");
  const config = readConfig(await gatherSources(choice, loading));
  if (config.server.clients.file === undefined) return config;
  const { readClientKeys } = await import("./commands/read-client-keys.ts");
  // Of several processes, only the first writes.
  return readClientKeys(config, { rewrites: loading.starts === true && worker === undefined });
}

async function gatherSources(
  choice: ProxyChoice,
  { searchCwd, flags = {}, fallbacks = {} }: Loading,
): Promise<ConfigSources> {
  const { findEnvFile } = await import("./config/find-env-file.ts");
  const { readKeyLine } = await import("./commands/read-key.ts");
  const { readEnvFile } = await import("./commands/read-env-file.ts");
  const { env, platform } = process;
  const { settings, envFile: named, demo } = choice;
  const { file, warnings, searched, findPassedOver } = findEnvFile({
    named,
    cwd: process.cwd(),
    searchCwd,
    platform,
    env,
    readFile: (path) => readEnvFile(path, platform),
  });
  const trusted = file?.trusted ? file.all : {};
  if (choice.keyFromStdin) keyLine ??= readKeyLine();
  const key = keyLine === undefined ? {} : { OPENAI_API_KEY: keyLine };
  const noKey = choice.cassette?.mode === "replay" ? { OPENAI_API_KEY: "replay" } : {};
  return {
    flags: { ...settings, ...key, ...flags },
    env,
    file,
    warnings,
    configFile: demo ? undefined : await loadConfigFile(choice.configFile, { ...trusted, ...env }),
    search: () => ({ searched, passedOver: findPassedOver() }),
    demo,
    fallbacks: { ...fallbacks, ...noKey },
  };
}

/** The `config.toml`, with all that is wrong with it; undefined if there is none. */
async function loadConfigFile(
  named: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Promise<ConfigFile | undefined> {
  const { findConfigFile } = await import("./config/find-config-file.ts");
  const { readEnvFile } = await import("./commands/read-env-file.ts");
  const { decodeText } = await import("./config/find-env-file.ts");
  const { platform } = process;
  const read = (path: string) => readEnvFile(path, platform);
  const found = findConfigFile({ named, cwd: process.cwd(), platform, env, readFile: read });
  if (!found) return undefined;
  const { readConfigFile } = await import("./config/read-config-file.ts");
  return readConfigFile({
    path: found.path,
    text: decodeText(found.bytes),
    isShared: found.isShared,
    env,
    readFile(path) {
      const file = read(path);
      return file && decodeText(file.bytes);
    },
  });
}

/** What no line of the log may contain. */
const secrets = new Set<string>();

async function addSecrets(config: Config): Promise<void> {
  const { listSecrets } = await import("./config/read-config.ts");
  for (const secret of listSecrets(config)) secrets.add(secret);
}

/** Makes the process ready for a proxy, and opens its log. */
async function prepareProcess(config: Config, worker?: number, echo: LineWriter = () => {}): Promise<Log> {
  const { level, format } = config.log;
  await addSecrets(config);
  const write = await openLog(config.log.file, echo);
  // Whatever a message contains, and wherever it comes from.
  const log = createLog(level, (line, of) => write(redact(line, [...secrets]), of), { format, worker });
  for (const words of config.warnings) log.warning(words);
  bypassProxiesForLoopback();
  logUncaughtErrors(log);
  return log;
}

type LineWriter = (line: string, level: LogLevel) => void;

/** @throws Error, worded for the user, if the file cannot be written */
async function openLog(path: string | undefined, echo: LineWriter): Promise<LineWriter> {
  if (path === undefined) return printError;
  const { openLogFile } = await import("./commands/open-log-file.ts");
  const file = openLogFile(path);
  return (line, level) => {
    file.write(line);
    echo(line, level);
  };
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
  const waysOn = describeMissingKey(program, error.keyMissing);
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
