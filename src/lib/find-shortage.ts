/**
 * Whether the system still gives this process files and connections. It must be looked at where a shortage shows as
 * something else: names and servers seem not to be there, and Bun 1.4.5 ends the process when a thread begins without.
 */
import { readErrorCode } from "./read-error-code.ts";

/** Loaded when it is needed, like all that only a failure needs. */
const fs = (): typeof import("node:fs") => import.meta.require("node:fs");
const devNull = "/dev/null";

/** Whether an error says that this process, or the whole system, has as many files open as it may. */
export function isShortage(thrown: unknown): boolean {
  // Bun has no code for it when a module cannot be read.
  const words = readErrorCode(thrown) ?? (thrown instanceof Error ? thrown.message : "");
  return /^(?:EMFILE|ENFILE)\b/.test(words);
}

/**
 * The system's error if no more files or connections can be opened; undefined if they can.
 * @param count how many are wanted at once
 */
export function findShortage(count = 1): unknown {
  const { closeSync, openSync } = fs();
  const opened: number[] = [];
  try {
    while (opened.length < count) opened.push(openSync(devNull, "r"));
    return undefined;
  } catch (thrown) {
    // Windows has no such file, and no such limit.
    return isShortage(thrown) ? thrown : undefined;
  } finally {
    for (const descriptor of opened) closeSync(descriptor);
  }
}
