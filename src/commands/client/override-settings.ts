/**
 * Keeps settings files from sending Claude Code past the proxy of `run`: a file of our own, which takes precedence for
 * this run, says again what the environment says.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keyHelper, serverVariable, settingsFlag } from "../../catalog/claude-code/claude-code.ts";
import type { Environment } from "../make-child-environment.ts";
import { type ClientSettings, choosesServer } from "./find-settings.ts";

type Override = {
  /** To put before the user's own words. */
  readonly words: readonly string[];
  remove(): void;
};

/** What would send the command elsewhere in spite of us, as sentences; empty if nothing would. */
export function listDiversions(settings: readonly ClientSettings[]): string[] {
  return settings.flatMap(({ path, diverts }) =>
    diverts.length > 0 ? [`${path} sets ${diverts.join(", ")}`] : [],
  );
}

/** Whether the user gives the command settings of their own, which ours would replace. */
export function givesSettings(words: readonly string[]): boolean {
  return words.some((word) => word === settingsFlag || word.startsWith(`${settingsFlag}=`));
}

/**
 * The settings that undo those of the files: our variables, and nothing for whatever else belongs to another server,
 * such as its key and the names of its models.
 *
 * @param env the environment of the command
 * @param given the user's own, from which it was made
 */
export function writeOverride(
  settings: readonly ClientSettings[],
  env: Environment,
  given: Environment,
): object {
  const ours = Object.keys(env).filter((name) => env[name] !== given[name]);
  const foreign = settings.flatMap((file) =>
    Object.keys(file.env).filter((name) => serverVariable.test(name) || choosesServer(name)),
  );
  const all = new Set([...foreign, ...ours]);
  return { env: Object.fromEntries([...all].map((name) => [name, env[name] ?? ""])), [keyHelper]: "" };
}

/** Puts the settings into a file that only this user can read. @throws Error if it cannot be written */
export function saveOverride(override: object): Override {
  const directory = mkdtempSync(join(tmpdir(), "claude-code-proxy-"));
  const path = join(directory, "run.json");
  const remove = () => rmSync(directory, { recursive: true, force: true });
  try {
    writeFileSync(path, JSON.stringify(override), { mode: 0o600 });
  } catch (thrown) {
    remove();
    throw thrown;
  }
  return { words: [settingsFlag, path], remove };
}
