/**
 * Which `.env` file is used, and what it contains. Pure: the process edge does the reading. Nothing here, or anywhere,
 * puts a file's variables into the environment.
 */
import { ConfigError } from "./config-error.ts";
import { findMisspelled } from "./find-misspelled.ts";
import { parseEnvFile } from "./parse-env-file.ts";
import type { EnvFile } from "./read-config.ts";
import { findSecrets, findVariable } from "./variables.ts";

export type EnvFilePlaces = {
  /** The path the operator gave, absolute. */
  readonly named: string | undefined;
  readonly cwd: string;
  /** Whether a `.env` in `cwd` is used without being named. */
  readonly searchCwd: boolean;
  /** As in `process.platform`. */
  readonly platform: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readFile: (path: string) => PathContent;
};

/** What is at a path; undefined if there is nothing. */
export type PathContent = FoundFile | "directory" | undefined;

export type FoundFile = {
  readonly bytes: Uint8Array;
  /** Whether other users of the machine may read it. */
  readonly isShared: boolean;
};

/** The file to use, and what is worth a warning about all files that were looked at. */
type ReadEnvFile = { readonly file: EnvFile | undefined; readonly warnings: readonly string[] };

type EnvFileSearch = ReadEnvFile & {
  /** The paths that were looked at, in order. */
  readonly searched: readonly string[];
  /** Looks for a `.env` with our variables in the working directory, if that was not searched. Opens the file. */
  readonly findPassedOver: () => string | undefined;
};

/**
 * The named file; else, if that is searched, `.env` in the working directory; else the one in the user's configuration
 * directory. A file that sets none of our variables belongs to another program, and is ignored unless it was named.
 * @throws ConfigError if there is no file of that name
 */
export function findEnvFile(places: EnvFilePlaces): EnvFileSearch {
  const { named, cwd, searchCwd, platform, env, readFile } = places;
  if (named !== undefined) {
    const found = takeNamed("--env-file", named, readFile(named));
    return { ...readEnvFile(named, true, found), searched: [named], findPassedOver: () => undefined };
  }
  const warnings: string[] = [];
  const local = join(platform, cwd, ".env");
  const candidates: readonly [string | undefined, boolean][] = [
    [searchCwd ? local : undefined, false],
    [userEnvFile(platform, env), true],
  ];
  const searched: string[] = [];
  const findPassedOver = () => (!searchCwd && setsOurs(local, readFile) ? local : undefined);
  for (const [candidate, trusted] of candidates) {
    if (candidate === undefined) continue;
    searched.push(candidate);
    const found = readFile(candidate);
    if (!isFile(found)) continue;
    const read = readEnvFile(candidate, trusted, found);
    warnings.push(...read.warnings);
    if (read.file && Object.keys(read.file.values).length > 0)
      return { file: read.file, warnings, searched, findPassedOver };
  }
  return { file: undefined, warnings, searched, findPassedOver };
}

/**
 * What was read from a path that the operator gave.
 * @throws ConfigError if that is no file
 */
export function takeNamed(flag: string, path: string, found: PathContent): FoundFile {
  if (isFile(found)) return found;
  throw new ConfigError([
    `${flag} ${path}: ${found === undefined ? "there is no such file" : "it is a directory, not a file"}`,
  ]);
}

export function isFile(found: PathContent): found is FoundFile {
  return typeof found === "object";
}

/** Where `init` writes, and where every command looks last; undefined without a home directory. */
export function userEnvFile(platform: string, env: EnvFilePlaces["env"]): string | undefined {
  return userFile(platform, env, ".env");
}

/** A file in the user's configuration directory; undefined without a home directory. */
export function userFile(platform: string, env: EnvFilePlaces["env"], name: string): string | undefined {
  const directory = configDirectory(platform, env);
  return directory && join(platform, directory, "claude-code-proxy", name);
}

/** As `node:path` does, which every start would have to load. */
function join(platform: string, directory: string, ...names: readonly string[]): string {
  const [separator, end] = platform === "win32" ? ["\\", /[\\/]+$/] : ["/", /\/+$/];
  return [directory.replace(end, ""), ...names].join(separator);
}

/** Whether a file that is not used sets any of our variables. Whatever is wrong with it does not matter here. */
function setsOurs(path: string, readFile: EnvFilePlaces["readFile"]): boolean {
  try {
    const found = readFile(path);
    return isFile(found) && parseEnvFile(decodeText(found.bytes)).some(({ name }) => findVariable(name));
  } catch {
    return false;
  }
}

function readEnvFile(path: string, trusted: boolean, found: FoundFile): ReadEnvFile {
  const entries = parseEnvFile(decodeText(found.bytes));
  const own = entries.filter(({ name }) => findVariable(name));
  const problems = own.flatMap(({ name, value, line, problem }) => {
    if (problem === undefined) return [];
    const state = value === undefined ? "is not set" : "is ambiguous";
    return [`${path}, line ${line}: ${name} ${state}: ${problem}`];
  });
  const values = Object.fromEntries(own.map(({ name, value = "" }) => [name, value]));
  const all = Object.fromEntries(
    entries.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])),
  );
  const warnings = findMisspelled(all).map((words) => `${path}: ${words}`);
  if (found.isShared && findSecrets(values).length > 0)
    warnings.push(`${path} contains a key and can be read by other users; chmod 600 it`);
  return { file: { path, values, all, trusted, problems }, warnings };
}

/** UTF-8, or UTF-16 as PowerShell writes it, with or without a byte order mark. */
export function decodeText(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const isLittle = (first === 0xff && second === 0xfe) || (first !== 0 && second === 0);
  const isBig = (first === 0xfe && second === 0xff) || (first === 0 && second !== 0);
  return new TextDecoder(isLittle ? "utf-16le" : isBig ? "utf-16be" : "utf-8").decode(bytes);
}

/** Where programs keep a user's configuration. Source: XDG Base Directory Specification; platform guides. */
function configDirectory(platform: string, env: EnvFilePlaces["env"]): string | undefined {
  if (env.XDG_CONFIG_HOME?.startsWith("/")) return env.XDG_CONFIG_HOME;
  if (platform === "win32") return env.APPDATA || undefined;
  if (!env.HOME) return undefined;
  return platform === "darwin" ? `${env.HOME}/Library/Application Support` : `${env.HOME}/.config`;
}
