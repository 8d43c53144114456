/** Which `config.toml` is used: the one that is named, else the one in the user's configuration directory. */
import { posix, win32 } from "node:path";
import { ConfigError } from "./config-error.ts";
import { type EnvFilePlaces, type FoundFile, userFile } from "./find-env-file.ts";

type ConfigFilePlaces = Pick<EnvFilePlaces, "named" | "cwd" | "platform" | "env" | "readFile">;

/** Never one in the working directory: it may be someone else's, and decides where keys are sent. */
export function findConfigFile(
  places: ConfigFilePlaces,
): (FoundFile & { readonly path: string }) | undefined {
  const { named, cwd, platform, env, readFile } = places;
  const resolve = platform === "win32" ? win32.resolve : posix.resolve;
  const path = named === undefined ? userFile(platform, env, "config.toml") : resolve(cwd, named);
  const found = path === undefined ? undefined : readFile(path);
  if (named !== undefined && !found) throw new ConfigError([`--config ${path}: there is no such file`]);
  return found && path !== undefined ? { path, ...found } : undefined;
}
