/** Which `config.toml` is used: the one that is named, else the one in the user's configuration directory. */
import { type EnvFilePlaces, type FoundFile, isFile, takeNamed, userFile } from "./find-env-file.ts";

type ConfigFilePlaces = Pick<EnvFilePlaces, "named" | "platform" | "env" | "readFile">;

/** Never one in the working directory: it may be someone else's, and decides where keys are sent. */
export function findConfigFile(
  places: ConfigFilePlaces,
): (FoundFile & { readonly path: string }) | undefined {
  const { named, platform, env, readFile } = places;
  if (named !== undefined) return { path: named, ...takeNamed("--config", named, readFile(named)) };
  const path = userFile(platform, env, "config.toml");
  const found = path === undefined ? undefined : readFile(path);
  return path !== undefined && isFile(found) ? { path, ...found } : undefined;
}
