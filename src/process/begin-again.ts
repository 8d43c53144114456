import { fetchVariable, startVariables } from "../commands/choose-capacity.ts";
import { build } from "../version.ts";

/**
 * Bun runs 256 fetches at once, and reads the variables that change such things only when a process begins. So the
 * process begins again, as itself: same id, same files, same terminal. Windows cannot do this, and keeps the 256.
 */
export function raiseFetchLimit(): void {
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
