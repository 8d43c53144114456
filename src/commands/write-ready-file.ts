/**
 * Writes the file that says that the proxy is listening, and where. It exists only while that is true, and is never
 * half written.
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { describeSystemError } from "../lib/describe-system-error.ts";

/**
 * Only the user may read it.
 * @returns removes the file, unless another proxy has written its own since
 * @throws Error, worded for the user, if it cannot be written
 */
export function writeReadyFile(path: string, text: string): () => void {
  const fresh = `${path}.${crypto.randomUUID()}`;
  try {
    writeFileSync(fresh, text, { mode: 0o600, flag: "wx" });
    renameSync(fresh, path);
  } catch (error) {
    rmSync(fresh, { force: true });
    const reason = describeSystemError(error);
    throw new Error(
      `Cannot write --ready-file ${path}: ${reason}; choose a directory that you can write to`,
      {
        cause: error,
      },
    );
  }
  return () => {
    try {
      if (readFileSync(path, "utf8") === text) rmSync(path);
    } catch {
      // It is already gone.
    }
  };
}
