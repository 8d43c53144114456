/**
 * Whether the system still lets this process open files and connections. A shortage often shows as something else:
 * `fetch` finds no host or no server, and Bun 1.4.5 ends the process when a new thread cannot open its files.
 */
import { readErrorCode } from "./read-error-code.ts";

/** Loaded when it is first needed, which is after a failure. */
const fs = (): typeof import("node:fs") => import.meta.require("node:fs");
const devNull = "/dev/null";

/** Whether an error says that this process, or the whole system, may open no more files. */
export function isShortage(thrown: unknown): boolean {
  // Bun has no code for it when a module cannot be read.
  const words = readErrorCode(thrown) ?? (thrown instanceof Error ? thrown.message : "");
  return /^(?:EMFILE|ENFILE)\b/.test(words);
}

/**
 * The system's error if it allows no more files or connections; undefined if it does.
 * @param count how many are needed at once
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
