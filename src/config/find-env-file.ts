/**
 * Which `.env` file is used, and what it contains. Pure: the process edge does the reading. Nothing here, or anywhere,
 * puts a file's variables into the environment.
 */
import { posix, win32 } from "node:path";
import { parseEnv } from "node:util";
import { ConfigError, type EnvFile } from "./read-config.ts";
import { findVariable } from "./variables.ts";

export type EnvFilePlaces = {
  /** The path the operator gave, relative to `cwd`. */
  readonly named: string | undefined;
  readonly cwd: string;
  /** Whether a `.env` in `cwd` is used without being named. */
  readonly searchCwd: boolean;
  /** As in `process.platform`. */
  readonly platform: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The text of a file; undefined if it does not exist. */
  readonly readFile: (path: string) => string | undefined;
};

/**
 * The named file; else, if that is searched, `.env` in the working directory; else the one in the user's configuration
 * directory. A file that sets none of our variables belongs to another program, and is ignored unless it was named.
 * @throws ConfigError if the named file does not exist
 */
export function findEnvFile(places: EnvFilePlaces): EnvFile | undefined {
  const { named, cwd, searchCwd, platform, env, readFile } = places;
  const path = platform === "win32" ? win32 : posix;
  if (named !== undefined) {
    const file = readEnvFile(path.resolve(cwd, named), true, readFile);
    if (!file) throw new ConfigError([`--env-file ${path.resolve(cwd, named)}: there is no such file`]);
    return file;
  }
  const ours = configDirectory(platform, env);
  const candidates = [
    searchCwd ? readEnvFile(path.join(cwd, ".env"), false, readFile) : undefined,
    ours === undefined
      ? undefined
      : readEnvFile(path.join(ours, "claude-code-proxy", ".env"), true, readFile),
  ];
  return candidates.find((file) => file && Object.keys(file.values).length > 0);
}

function readEnvFile(
  path: string,
  trusted: boolean,
  readFile: EnvFilePlaces["readFile"],
): EnvFile | undefined {
  // A byte order mark, as written by some Windows editors, would become part of the first name.
  const text = readFile(path)?.replace(/^\uFEFF/, "");
  if (text === undefined) return undefined;
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(parseEnv(text)))
    if (value !== undefined && findVariable(name)) values[name] = value;
  return { path, values, trusted };
}

/** Where programs keep a user's configuration. Source: XDG Base Directory Specification; platform guides. */
function configDirectory(platform: string, env: EnvFilePlaces["env"]): string | undefined {
  if (env.XDG_CONFIG_HOME?.startsWith("/")) return env.XDG_CONFIG_HOME;
  if (platform === "win32") return env.APPDATA || undefined;
  if (!env.HOME) return undefined;
  return platform === "darwin" ? `${env.HOME}/Library/Application Support` : `${env.HOME}/.config`;
}
