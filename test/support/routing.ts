/** Configurations with a `config.toml`. */
import { type Config, readConfig } from "../../src/config/read-config.ts";
import { readConfigFile } from "../../src/config/read-config-file.ts";

/** @param toml the text of the file */
export function configWith(toml: string, env: Readonly<Record<string, string>> = {}): Config {
  const path = "/p/config.toml";
  const configFile = readConfigFile({ path, text: toml, isShared: false, env, readFile: () => undefined });
  const own = { HOST: "127.0.0.1", PORT: "0", LOG_LEVEL: "DEBUG" };
  return readConfig({ flags: {}, env: { ...own, ...env }, file: undefined, configFile });
}
