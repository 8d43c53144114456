/** Runs a script in a directory of its own, and cleans up however it ends. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { killAll } from "./process-group.ts";

/**
 * Ends the process with the exit code that `main` returns, and with 1 if it throws.
 *
 * @param name begins the directory's name
 */
export async function runInWorkspace(
  name: string,
  main: (args: string[], workspace: string) => Promise<number>,
): Promise<never> {
  const workspace = mkdtempSync(`${tmpdir()}/${name}-`);

  function leave(code: number): never {
    killAll();
    rmSync(workspace, { recursive: true, force: true });
    process.exit(code);
  }

  process.on("SIGINT", () => leave(130));
  process.on("SIGTERM", () => leave(143));
  try {
    return leave(await main(process.argv.slice(2), workspace));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return leave(1);
  }
}
