/** Reads a `.env` file, which may lie in a stranger's directory and be anything but a file. */
import { ConfigError } from "../config/config-error.ts";
import type { PathContent } from "../config/find-env-file.ts";
import { describeSystemError } from "../lib/describe-system-error.ts";
import { readErrorCode } from "../lib/read-error-code.ts";
import { isMissing } from "./try-open.ts";

/** Loaded when there is something to read. */
const fs = (): typeof import("node:fs") => import.meta.require("node:fs");

const maxBytes = 1024 * 1024;

/**
 * What is at a path. A directory may be a virtual environment of Python.
 * @param platform as in `process.platform`
 * @throws ConfigError for a pipe, a device or a large file, and if it cannot be read
 */
export function readEnvFile(path: string, platform: string): PathContent {
  if (isMissing(path)) return undefined;
  const { closeSync, constants, fstatSync, openSync, readSync } = fs();
  let handle: number | undefined;
  try {
    // Without `O_NONBLOCK`, opening a pipe waits for a writer.
    handle = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const stat = fstatSync(handle);
    if (stat.isDirectory()) return "directory";
    if (!stat.isFile())
      throw new ConfigError([`${path} cannot be used: it is a pipe or a device, not a file`]);
    const buffer = Buffer.alloc(maxBytes + 1);
    let size = 0;
    for (let read = -1; read !== 0 && size <= maxBytes; size += read)
      read = readSync(handle, buffer, size, buffer.length - size, null);
    if (size > maxBytes)
      throw new ConfigError([`${path} cannot be used: it is larger than 1 MiB, which no .env file is`]);
    // Windows has no such bits, and reports what it does not know.
    const isShared = platform !== "win32" && (stat.mode & 0o044) !== 0;
    return { bytes: buffer.subarray(0, size), isShared };
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const code = readErrorCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    if (code === "EISDIR") return "directory";
    throw new ConfigError([`${path} cannot be read: ${describeSystemError(error)}`]);
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}
