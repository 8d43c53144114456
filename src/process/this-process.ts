/**
 * Room `process/`: all that reads or changes the process: arguments, environment, signals, exit codes. It hands to
 * each command what the command needs. Not here: what a command does.
 */

import { tryOpen } from "../commands/try-open.ts";
import { workerVariable } from "../commands/worker-variable.ts";

/** What the user types to start us: the script if Bun runs the sources, else the binary's own name. */
export const program = /[\\/]bun(\.exe)?$/.test(process.execPath)
  ? "./scripts/start"
  : process.execPath.replace(/^.*[\\/]/, "");

/** The number that a worker was given. */
export const worker =
  process.send && process.env[workerVariable] ? Number(process.env[workerVariable]) : undefined;

export const print = createLineWriter(Bun.stdout);
export const printError = createLineWriter(Bun.stderr);

/**
 * Writes each line at once. `process.stdout` and `process.stderr` would do the same, and load Node's streams first:
 * 2 ms and 4 MB of every start. A reader that has gone (`| head`) is no reason to crash, nor to report it to itself.
 */
function createLineWriter(file: Bun.BunFile): (line: string) => void {
  let sink: Bun.FileSink | undefined;
  return (line) => {
    try {
      sink ??= file.writer();
      ignoreFailure(sink.write(`${line}\n`));
      ignoreFailure(sink.flush());
    } catch {}
  };
}

function ignoreFailure(written: number | Promise<number>): void {
  if (typeof written !== "number") written.catch(() => {});
}

/** Whether Ctrl-C reaches the command without us. */
export function hasTerminal(): boolean {
  return process.platform === "win32" || tryOpen("/dev/tty") === undefined;
}
