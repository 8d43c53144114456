/** Writes the user's `.env`: whole or not at all, and for nobody else to read. */
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { describeSystemError } from "../../lib/describe-system-error.ts";
import { replaceFile } from "../replace-file.ts";

/** @throws Error, worded for the user, if it cannot be written */
export function writeUserFile(path: string, text: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    replaceFile(path, text);
  } catch (error) {
    const reason = describeSystemError(error);
    throw new Error(`Cannot write ${path}: ${reason}; choose a directory that you can write to`, {
      cause: error,
    });
  }
}
