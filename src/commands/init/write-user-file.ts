/** Writes the user's `.env`: whole or not at all, and for nobody else to read. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { describeSystemError } from "../../lib/describe-system-error.ts";

/** @throws Error, worded for the user, if it cannot be written */
export function writeUserFile(path: string, text: string): void {
  const fresh = `${path}.${crypto.randomUUID()}`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(fresh, text, { mode: 0o600, flag: "wx" });
    renameSync(fresh, path);
  } catch (error) {
    removeIfThere(fresh);
    const reason = describeSystemError(error);
    throw new Error(`Cannot write ${path}: ${reason}; choose a directory that you can write to`, {
      cause: error,
    });
  }
}

function removeIfThere(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // It was never written.
  }
}
