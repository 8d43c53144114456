/**
 * Whether a path can be opened, without `node:fs`: loading that takes 0.8 MB of memory, and most starts find no settings
 * file to read with it. Not for Windows, where `Bun.mmap` does not work.
 */
import { readErrorCode } from "../lib/read-error-code.ts";

/**
 * Opens a file, or whatever it is, and closes it.
 * @returns the code of the error if it cannot be opened
 */
export function tryOpen(path: string): string | undefined {
  try {
    Bun.mmap(path);
  } catch (error) {
    // What can be opened may still not be mapped, such as a pipe.
    if (error instanceof Error && "syscall" in error && error.syscall === "open") return readErrorCode(error);
  }
  return undefined;
}

/** Whether there is certainly nothing at a path. On Windows this cannot be told, so it is false. */
export function isMissing(path: string): boolean {
  const code = tryOpen(path);
  return code === "ENOENT" || code === "ENOTDIR";
}
