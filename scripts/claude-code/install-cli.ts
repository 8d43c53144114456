/** Installs Claude Code from npm, one directory per version, kept for the next run. */
import { existsSync } from "node:fs";
import { installPackages } from "./install-packages.ts";

const packageName = "@anthropic-ai/claude-code";

/**
 * The path of the CLI. The npm package is a launcher; the native program comes as an optional dependency, and
 * `install.cjs` puts it in the launcher's place.
 *
 * @param cache directory that contains the versions
 * @throws Error when npm or the installed program fails
 */
export async function installCli(version: string, cache: string): Promise<string> {
  const home = `${cache}/claude-code-${version}`;
  const program = `${home}/node_modules/.bin/claude`;
  if (!existsSync(program)) {
    const script = { in: ".", file: `node_modules/${packageName}/install.cjs` };
    await installPackages(home, [`${packageName}@${version}`], script);
  }
  return program;
}
