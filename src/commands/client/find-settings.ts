/** Reads the settings files of Claude Code, for what would send it to another server than ours. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  configDirectory,
  keyHelper,
  keyVariable,
  managedSettings,
  otherServerVariables,
  settingsFiles,
} from "../../catalog/claude-code/claude-code.ts";
import { isObject, parseJson } from "../../lib/json.ts";
import type { Environment } from "../make-child-environment.ts";

export type ClientSettings = {
  readonly path: string;
  /** An administrator's, which nothing replaces. */
  readonly isManaged: boolean;
  /** The variables that it sets. Secret. */
  readonly env: Readonly<Record<string, string>>;
  /** What of it chooses the server, or a key that only one server takes: the names of settings. */
  readonly diverts: readonly string[];
};

export type SettingsPlace = {
  readonly env: Environment;
  readonly cwd: string;
  readonly platform: string;
  /** Where an administrator's files are, if not where the system has them; for tests. */
  readonly managedDirectory?: string;
};

/** Every file that can be read and is JSON, the weakest first. */
export function findSettings(place: SettingsPlace): ClientSettings[] {
  const { env, cwd, platform } = place;
  const { shared, local } = settingsFiles;
  const home = env[configDirectory.variable] || join(env.HOME ?? env.USERPROFILE ?? "", configDirectory.name);
  const inProject = (directory: string, file: string) => join(directory, configDirectory.name, file);
  const own = [
    join(home, shared),
    inProject(cwd, shared),
    inProject(findRepository(cwd) ?? cwd, local),
    inProject(cwd, local),
  ];
  const { directories } = managedSettings;
  const managed =
    place.managedDirectory ??
    (platform === "darwin" || platform === "win32" ? directories[platform] : directories.other);
  return [
    ...[...new Set(own)].flatMap((path) => readSettings(path, false)),
    ...listManaged(managed).flatMap((path) => readSettings(path, true)),
  ];
}

function listManaged(directory: string): string[] {
  const more = join(directory, managedSettings.more);
  let names: string[] = [];
  try {
    names = readdirSync(more).filter((name) => name.endsWith(".json"));
  } catch {
    // There is seldom such a directory.
  }
  return [join(directory, managedSettings.file), ...names.toSorted().map((name) => join(more, name))];
}

function findRepository(directory: string): string | undefined {
  if (existsSync(join(directory, ".git"))) return directory;
  const parent = dirname(directory);
  return parent === directory ? undefined : findRepository(parent);
}

function readSettings(path: string, isManaged: boolean): ClientSettings[] {
  const settings = parseJson(readText(path));
  if (!isObject(settings)) return [];
  const env = Object.fromEntries(
    Object.entries(isObject(settings.env) ? settings.env : {}).flatMap(([name, value]) =>
      typeof value === "string" ? [[name, value] as const] : [],
    ),
  );
  const variables = Object.keys(env).filter(
    (name) => (choosesServer(name) || keyVariable.test(name)) && isOn(env[name]),
  );
  return [{ path, isManaged, env, diverts: [...variables, ...(settings[keyHelper] ? [keyHelper] : [])] }];
}

/** Whether a variable sends requests to another server. */
export function choosesServer(name: string): boolean {
  return otherServerVariables.some((other) => other === name);
}

/** As Claude Code reads its switches. */
function isOn(value: string | undefined): boolean {
  return !/^(?:0|false|no|off)?$/i.test(value?.trim() ?? "");
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
