import { fetchVariable, startVariables } from "../commands/choose-capacity.ts";
import { build } from "../version.ts";

/**
 * Bun reads some variables only when a process starts: how many fetches it runs at once, 256 by default, and how it
 * compiles and collects. So the process restarts as itself, with the same id, files and terminal. Windows cannot do
 * this, and keeps the defaults.
 */
export function restartOnce(): void {
  if (process.env[fetchVariable] || process.platform === "win32") return;
  const words = [process.argv0, ...findScript(), ...process.argv.slice(2)];
  try {
    // What the operator has set stays.
    const environment = { ...startVariables, ...process.env, [fetchVariable]: startVariables[fetchVariable] };
    process.execve?.(process.execPath, words, environment);
  } catch {
    // Some sandboxes forbid it.
  }
}

/** What Bun needs to run the sources; a compiled program has its script in itself. */
export function findScript(): readonly string[] {
  return build.target === "source" ? [...process.execArgv, process.argv[1] ?? ""] : [];
}
