/**
 * The command line: which command is run, and the exit code of what goes wrong.
 *
 * What is imported here is evaluated before every command, so it is small: each command imports the rest when it is
 * chosen.
 */
import { CommandError } from "./commands/command-error.ts";
import { exits } from "./commands/exit-codes.ts";
import { type Invocation, type InvocationOf, readArguments, UsageError } from "./commands/read-arguments.ts";
import { describeBuild, describeVersion } from "./commands/version.ts";
import { ConfigError } from "./config/config-error.ts";
import { redact } from "./lib/redact.ts";
import { runDoctor, runInit, showConfig, showModels, showUsage, watchTop } from "./process/inspect.ts";
import { restartOnce } from "./process/restart-once.ts";
import { runCommand } from "./process/run-command.ts";
import { runWorker } from "./process/run-worker.ts";
import { serveUntilSignal } from "./process/serve-until-signal.ts";
import { print, printError, program, worker } from "./process/this-process.ts";
import { createLog, type LogFormat } from "./telemetry/log.ts";
import { build, name, version } from "./version.ts";

async function main(): Promise<void> {
  let invocation: Invocation | undefined;
  try {
    invocation = readArguments(process.argv.slice(2));
    const code = await perform(invocation);
    if (code !== undefined) process.exit(code);
  } catch (error) {
    process.exit(await report(error, invocation));
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
    case "usage":
      return await showUsage(invocation);
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
      restartOnce();
      return await (worker === undefined ? serveUntilSignal(invocation) : runWorker(invocation, worker));
    case "run":
      restartOnce();
      return await runCommand(invocation);
    default:
      return invocation satisfies never;
  }
}

async function makeHelp({ manual, topic }: InvocationOf<"help">): Promise<string> {
  if (manual) {
    const { writeManual } = await import("./commands/write-manual.ts");
    return writeManual(name, version);
  }
  const { describeUsage, describeCommand } = await import("./commands/write-help.ts");
  return topic === undefined ? describeUsage(program) : describeCommand(program, topic);
}

/** The log format for errors before the configuration is read. */
function chooseFormat(invocation: Invocation): LogFormat {
  const flag = "settings" in invocation ? invocation.settings.LOG_FORMAT : undefined;
  return (flag ?? process.env.LOG_FORMAT)?.trim().toLowerCase() === "json" ? "json" : "text";
}

/** Reports what went wrong, and returns the exit code for it. */
async function report(error: unknown, invocation: Invocation | undefined): Promise<number> {
  const format = invocation === undefined ? "text" : chooseFormat(invocation);
  const print = format === "json" ? createLog("ERROR", printError, { format }).error : printError;
  const { findSecrets } = await import("./config/variables.ts");
  print(redact(await describeFailure(error, invocation), findSecrets(process.env)));
  if (error instanceof CommandError) return error.exitCode;
  if (error instanceof ConfigError) return exits.config.code;
  return (error instanceof UsageError ? exits.usage : exits.failed).code;
}

/** A missing key alone is no error to explain: the user has only just begun. */
async function describeFailure(error: unknown, invocation: Invocation | undefined): Promise<string> {
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof ConfigError && error.keyMissing)) return message;
  const { describeMissingKey } = await import("./commands/write-help.ts");
  const nextSteps = describeMissingKey(
    program,
    error.keyMissing,
    invocation?.command === "run" ? invocation.program : undefined,
  );
  return error.problems.length > 1 ? `${message}\n\n${nextSteps}` : nextSteps;
}

void main();
