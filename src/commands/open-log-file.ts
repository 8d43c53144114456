/** The file that the log goes to: readable by its owner alone, and never larger than two times `maxBytes`. */
import { closeSync, fstatSync, mkdirSync, openSync, renameSync, statSync, writeSync } from "node:fs";
import { dirname, posix, win32 } from "node:path";
import { describeSystemError } from "../lib/describe-system-error.ts";

/** The size at which a new file begins; the old one is kept as `PATH.1`, and replaces the one before. */
const usualMax = 8 * 1024 * 1024;

type LogFile = { write(line: string): void };

/**
 * Opens the file to append to it; several processes may do so at once.
 * @throws Error, worded for the user, if that is not possible
 */
export function openLogFile(path: string, maxBytes = usualMax): LogFile {
  /** Undefined if it could not be opened again, which the next line tries. */
  let file: OpenFile | undefined = open(path);

  /** @returns the file that begins */
  function rotate({ descriptor }: OpenFile): OpenFile {
    // Once it is closed, its number may become that of a connection.
    file = undefined;
    try {
      // Another process may have done so already.
      const isOurs = statSync(path, { throwIfNoEntry: false })?.ino === fstatSync(descriptor).ino;
      if (isOurs) renameSync(path, `${path}.1`);
    } finally {
      closeSync(descriptor);
    }
    return open(path);
  }

  return {
    write(line) {
      const bytes = Buffer.from(`${line}\n`);
      try {
        file ??= open(path);
        if (file.size > 0 && file.size + bytes.length > maxBytes) file = rotate(file);
        file.size += writeSync(file.descriptor, bytes);
      } catch {
        // A full disk must not end anyone's conversation.
      }
    },
  };
}

type OpenFile = { readonly descriptor: number; size: number };

function open(path: string): OpenFile {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const descriptor = openSync(path, "a", 0o600);
    return { descriptor, size: fstatSync(descriptor).size };
  } catch (error) {
    const reason = describeSystemError(error);
    throw new Error(`Cannot write the log to ${path}: ${reason}; name another file with LOG_FILE`);
  }
}

/** Whether a log can be written there. Creates the file. */
export function isWritable(path: string): boolean {
  try {
    closeSync(open(path).descriptor);
    return true;
  } catch {
    return false;
  }
}

/**
 * Where `run` writes its log while the terminal belongs to the command: in the user's state directory, as the XDG Base
 * Directory Specification names it, or in `%LOCALAPPDATA%`. Undefined if the user has neither.
 * @param platform as in `process.platform`
 */
export function findRunLog(
  platform: string,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const { LOCALAPPDATA, XDG_STATE_HOME: state, HOME: home } = env;
  if (platform === "win32") return LOCALAPPDATA && win32.join(LOCALAPPDATA, "claude-code-proxy", "run.log");
  // Relative paths are to be ignored.
  const directory = state?.startsWith("/") ? state : home && posix.join(home, ".local", "state");
  return directory && posix.join(directory, "claude-code-proxy", "run.log");
}
