/**
 * Room `process/`: all that reads or changes the process: arguments, environment, signals, exit codes. It hands to
 * each command what the command needs. Not here: what a command does.
 */

import { closeSync, openSync } from "node:fs";
import { basename } from "node:path";
import { workerVariable } from "../commands/worker-variable.ts";

/** What the user types to start us: the script if Bun runs the sources, else the binary's own name. */
export const program = /^bun(\.exe)?$/.test(basename(process.execPath))
  ? "./scripts/start"
  : basename(process.execPath);

/** The number that a worker was given. */
export const worker =
  process.send && process.env[workerVariable] ? Number(process.env[workerVariable]) : undefined;

export const print = (line: string): void => void process.stdout.write(`${line}\n`);
export const printError = (line: string): void => void process.stderr.write(`${line}\n`);

/** Whether Ctrl-C reaches the command without us. */
export function hasTerminal(): boolean {
  if (process.platform === "win32") return true;
  try {
    closeSync(openSync("/dev/tty", "r"));
    return true;
  } catch {
    return false;
  }
}
