/**
 * Writes the file that says that the proxy is listening, and where. It exists only while that is true, and is never
 * half written.
 */
import { readFileSync, rmSync } from "node:fs";
import { describeSystemError } from "../lib/describe-system-error.ts";
import { replaceFile } from "./replace-file.ts";

/**
 * Only the user may read it.
 * @returns removes the file, unless another proxy has written its own since
 * @throws Error, worded for the user, if it cannot be written
 */
export function writeReadyFile(path: string, text: string): () => void {
  try {
    replaceFile(path, text);
  } catch (error) {
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
