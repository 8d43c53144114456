import type { InvocationOf } from "../commands/read-arguments.ts";
import type { LogLevel } from "../telemetry/log.ts";
import { type Loading, loadConfig } from "./load-config.ts";
import { measureCapacity, prepareProcess } from "./prepare-process.ts";
import { reloadOnChange } from "./reload-config.ts";
import { hasTerminal, printError } from "./this-process.ts";

/** Signals that `run` forwards to its command: each would end us, and leave the command running. */
const commandSignals: readonly NodeJS.Signals[] =
  process.platform === "win32"
    ? ["SIGINT", "SIGTERM", "SIGHUP"]
    : ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"];

export async function runCommand(invocation: InvocationOf<"run">): Promise<number> {
  const { run } = await import("../commands/run.ts");
  const { chooseClientKey } = await import("../commands/make-child-environment.ts");
  const env = { ...process.env };
  const { describeRun, explainSilence } = await import("../commands/describe-run.ts");
  const { findRunLog, isWritable } = await import("../commands/open-log-file.ts");
  const clientKey = chooseClientKey(env);
  const hasScreen = process.stderr.isTTY;
  const usualLog = hasScreen ? findRunLog(process.platform, env) : undefined;
  const runLog = usualLog !== undefined && isWritable(usualLog) ? usualLog : undefined;
  const inFile = runLog ?? invocation.settings.LOG_FILE ?? env.LOG_FILE;
  const loading: Loading = {
    searchCwd: false,
    flags: { HOST: "127.0.0.1", PORT: "0", ANTHROPIC_API_KEY: clientKey },
    serves: true,
    fallbacks: { LOG_LEVEL: inFile ? "INFO" : "WARNING", ...(runLog && { LOG_FILE: runLog }) },
  };
  const config = await loadConfig(invocation, loading);
  let isRunning = false;
  // Once the command runs, the terminal belongs to it: nothing may be drawn over its screen.
  const echo = (line: string, level: LogLevel): void => {
    if (hasScreen && !isRunning && (level === "WARNING" || level === "ERROR")) printError(line);
  };
  const log = await prepareProcess(config, undefined, echo);
  const capacity = measureCapacity(config, log);
  const running = await run({
    ...invocation,
    config,
    capacity,
    log,
    env,
    cwd: process.cwd(),
    platform: process.platform,
    clientKey,
    sharesTerminal: hasTerminal(),
    onStart() {
      isRunning = true;
    },
  });
  await reloadOnChange({ config, log, load: () => loadConfig(invocation, loading), take: running.reload });
  for (const signal of commandSignals) process.on(signal, () => running.forward(signal));
  const code = await running.ended;
  const { diversions } = running;
  const totals = running.totals();
  if (hasScreen && isRunning)
    printError(describeRun({ totals, logFile: config.log.file, home: env.HOME, diversions }));
  else if (totals.messages === 0 && diversions.length > 0)
    log.warning(`The command sent no request: ${explainSilence(diversions)}`);
  return code;
}
