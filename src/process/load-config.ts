import type { ProxyChoice } from "../commands/read-arguments.ts";
import type { EnvFilePlaces } from "../config/find-env-file.ts";
import type { Config, ConfigSources } from "../config/read-config.ts";
import type { ConfigFile } from "../config/route-config.ts";
import { worker } from "./this-process.ts";

export type Loading = Pick<ConfigSources, "fallbacks"> & {
  /** A proxy serves with it: keys that a file holds are replaced by their hashes. */
  readonly serves?: true;
  readonly searchCwd: boolean;
  /** Values that no flag of the user's may change. */
  readonly flags?: ConfigSources["flags"];
};

/** Fallbacks for commands that do not ask a backend, and so need no key. */
export const unusedKey = { OPENAI_API_KEY: "unused" };

/** The key from stdin, which can be read once. */
let keyLine: string | undefined;

/** @throws ConfigError with all mistakes */
export async function loadConfig(choice: ProxyChoice, loading: Loading): Promise<Config> {
  const { readConfig } = await import("../config/read-config.ts");
  const config = readConfig(await gatherSources(choice, loading));
  if (config.server.clients.file === undefined) return config;
  const { readClientKeys } = await import("../commands/read-client-keys.ts");
  // Of several processes, only the first writes.
  return readClientKeys(config, { rewrites: loading.serves === true && worker === undefined });
}

/** Reads every place that settings may come from. */
export async function gatherSources(
  choice: ProxyChoice,
  { searchCwd, flags = {}, fallbacks = {} }: Loading,
): Promise<ConfigSources> {
  const { findEnvFile } = await import("../config/find-env-file.ts");
  const { readEnvFile } = await import("../commands/read-env-file.ts");
  const { env, platform } = process;
  const readFile = (path: string) => readEnvFile(path, platform);
  const { settings, demo } = choice;
  const named = await makeAbsolute(choice.envFile);
  const places = { named, cwd: process.cwd(), searchCwd, platform, env, readFile };
  const { file, warnings, searched, findPassedOver } = findEnvFile(places);
  const trusted = file?.trusted ? file.all : {};
  if (choice.keyFromStdin) keyLine ??= await readKey();
  const key = keyLine === undefined ? {} : { OPENAI_API_KEY: keyLine };
  const noKey = choice.cassette?.mode === "replay" ? { OPENAI_API_KEY: "replay" } : {};
  return {
    flags: { ...settings, ...key, ...flags },
    env,
    file,
    warnings,
    configFile: demo ? undefined : await loadConfigFile(choice.configFile, { ...trusted, ...env }, readFile),
    search: () => ({ searched, passedOver: findPassedOver() }),
    demo,
    fallbacks: { ...fallbacks, ...noKey },
  };
}

/** The `config.toml`, with all that is wrong with it; undefined if there is none. */
async function loadConfigFile(
  named: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  readFile: EnvFilePlaces["readFile"],
): Promise<ConfigFile | undefined> {
  const { findConfigFile } = await import("../config/find-config-file.ts");
  const { decodeText, isFile } = await import("../config/find-env-file.ts");
  const found = findConfigFile({
    named: await makeAbsolute(named),
    platform: process.platform,
    env,
    readFile,
  });
  if (!found) return undefined;
  const { readConfigFile } = await import("../config/read-config-file.ts");
  return readConfigFile({
    path: found.path,
    text: decodeText(found.bytes),
    isShared: found.isShared,
    env,
    readFile(path) {
      const file = readFile(path);
      return isFile(file) ? decodeText(file.bytes) : undefined;
    },
  });
}

/** A path that the operator gave, which is relative to the working directory. */
async function makeAbsolute(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  const { resolve } = await import("node:path");
  return resolve(path);
}

async function readKey(): Promise<string> {
  const { readKeyLine } = await import("../commands/read-key.ts");
  return readKeyLine();
}
