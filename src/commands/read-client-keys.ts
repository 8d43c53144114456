/** Reads the file of named clients' keys, and leaves only hashes in it. */
import { chmodSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { hashClientFile, looksLikePath, readClientFile } from "../config/client-keys.ts";
import { ConfigError } from "../config/config-error.ts";
import type { Config } from "../config/read-config.ts";
import { describeSystemError } from "../lib/describe-system-error.ts";

const maxBytes = 1024 * 1024;

/**
 * The configuration with the keys of that file.
 * @param rewrites replace keys in plain text by their hashes; a warning if that fails
 * @throws ConfigError if it cannot be read, or has mistakes
 */
export function readClientKeys(config: Config, { rewrites }: { readonly rewrites: boolean }): Config {
  const { file } = config.server.clients;
  if (file === undefined) return config;
  const content = readText(file);
  const { keys, problems } = readClientFile(content);
  if (problems.length > 0)
    throw new ConfigError(
      problems.map(([line, problem]) =>
        line === undefined
          ? `CLIENT_KEYS: ${file} ${problem}`
          : `CLIENT_KEYS: ${file}, line ${line}: ${problem}`,
      ),
    );
  if (keys.length === 0) throw new ConfigError([`CLIENT_KEYS: ${file} has no keys`]);
  const warning = rewrites && keys.some(({ key }) => key !== undefined) ? rewrite(file, content) : undefined;
  return {
    ...config,
    server: { ...config.server, clients: { keys, file } },
    warnings: warning === undefined ? config.warnings : [...config.warnings, warning],
  };
}

/** @throws ConfigError */
function readText(file: string): string {
  try {
    const stat = statSync(file);
    if (!stat.isFile() || stat.size > maxBytes)
      throw new ConfigError([`CLIENT_KEYS: ${file} must be a file of at most 1 MiB`]);
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    if (!looksLikePath(file))
      throw new ConfigError([
        `CLIENT_KEYS (hidden, ${file.length} characters): must be NAME:KEY, or the path of a file; ` +
          `there is no colon, and a file of that name cannot be read: ${describeSystemError(error)}`,
      ]);
    throw new ConfigError([`CLIENT_KEYS: ${file} cannot be read: ${describeSystemError(error)}`]);
  }
}

/** Puts the new file in the place of the old one at once. Returns a warning if that fails. */
function rewrite(named: string, content: string): string | undefined {
  // If the path is a link, its target is replaced, not the link.
  const file = realpathSync(named);
  const fresh = `${file}.${crypto.randomUUID()}`;
  try {
    const { mode } = statSync(file);
    writeFileSync(fresh, hashClientFile(content), { mode: 0o600, flag: "wx" });
    chmodSync(fresh, mode & 0o777);
    renameSync(fresh, file);
    return undefined;
  } catch (error) {
    removeFile(fresh);
    const reason = describeSystemError(error);
    return `CLIENT_KEYS: ${named} holds keys that whoever reads it can use; they cannot be hashed there: ${reason}`;
  }
}

function removeFile(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // Nothing more can be done: the failure itself is already reported.
  }
}
