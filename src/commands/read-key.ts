/**
 * Reads the backend's key from a pipe, which keeps it out of arguments and environment, where other processes could
 * read it.
 */
import { readSync } from "node:fs";
import { ConfigError } from "../config/config-error.ts";
import { newline } from "../lib/character-codes.ts";
import { readErrorCode } from "../lib/read-error-code.ts";

const limitBytes = 16 * 1024;
const pauseMs = 10;

/**
 * The first line of stdin. Reads one byte at a time, so that the rest is left for the command that `run` starts.
 * @throws ConfigError if there is none
 */
export function readKeyLine(readByte: () => number | undefined = readStdinByte): string {
  const bytes: number[] = [];
  for (let byte = readByte(); byte !== undefined && byte !== newline; byte = readByte()) {
    if (bytes.length === limitBytes)
      throw new ConfigError([`--api-key-stdin: the first line is longer than ${limitBytes} bytes`]);
    bytes.push(byte);
  }
  const key = new TextDecoder().decode(Uint8Array.from(bytes)).trim();
  if (key === "") throw new ConfigError(["--api-key-stdin: the first line is empty; it must be the key"]);
  return key;
}

/** One byte of stdin; undefined at its end, or if there is no stdin. */
function readStdinByte(): number | undefined {
  const byte = new Uint8Array(1);
  for (;;) {
    try {
      return readSync(0, byte) === 1 ? byte[0] : undefined;
    } catch (error) {
      if (readErrorCode(error) !== "EAGAIN") return undefined;
      // Someone made the pipe non-blocking.
      Bun.sleepSync(pauseMs);
    }
  }
}
