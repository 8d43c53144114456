import { readErrorCode } from "../lib/read-error-code.ts";

/**
 * Whether there is nothing at a path. `node:fs` would say the same, but loading it takes 0.8 MB, which a start that
 * finds no files of settings can do without. On Windows, where Bun cannot do this, nothing is missing.
 */
export function isMissing(path: string): boolean {
  try {
    Bun.mmap(path);
    return false;
  } catch (error) {
    const code = readErrorCode(error);
    return code === "ENOENT" || code === "ENOTDIR";
  }
}
