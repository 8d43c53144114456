/** Reads the file of named clients' keys, and leaves only hashes in it. */
import { readFileSync, realpathSync, statSync } from "node:fs";
import { hashClientFile, looksLikePath, readClientFile } from "../config/client-keys.ts";
import { ConfigError } from "../config/config-error.ts";
import type { Config } from "../config/read-config.ts";
import { describeSystemError } from "../lib/describe-system-error.ts";
import { replaceFile } from "./replace-file.ts";

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

/** Puts hashes in the place of the keys. Returns a warning if that fails. */
function rewrite(named: string, content: string): string | undefined {
  // If the path is a link, its target is replaced, not the link.
  const file = realpathSync(named);
  try {
    replaceFile(file, hashClientFile(content), statSync(file).mode & 0o777);
    return undefined;
  } catch (error) {
    const reason = describeSystemError(error);
    return `CLIENT_KEYS: ${named} holds keys that whoever reads it can use; they cannot be hashed there: ${reason}`;
  }
}
