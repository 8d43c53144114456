/** Installs Claude Code from npm, one directory per version, kept for the next run. */
import { mkdir, rename, rm, stat } from "node:fs/promises";

const packageName = "@anthropic-ai/claude-code";

/**
 * The path of the CLI. The npm package is a launcher; the native program comes as an optional dependency, and
 * `install.cjs` puts it in the launcher's place. npm runs that script by itself only if it is allowed to run install
 * scripts.
 *
 * @param cache directory that contains the versions
 * @throws Error when npm or the installed program fails
 */
export async function installCli(version: string, cache: string): Promise<string> {
  const home = `${cache}/claude-code-${version}`;
  const program = `${home}/node_modules/.bin/claude`;
  if (await exists(program)) return program;
  // Built elsewhere and moved, so that an interrupted download is never mistaken for a version.
  const fresh = `${home}.${process.pid}`;
  await mkdir(fresh, { recursive: true });
  try {
    const options = ["--ignore-scripts", "--no-save", "--no-audit", "--no-fund", "--loglevel=error"];
    await run(fresh, ["npm", "install", "--prefix", fresh, ...options, `${packageName}@${version}`]);
    await run(fresh, ["node", `node_modules/${packageName}/install.cjs`]);
    await rm(home, { recursive: true, force: true });
    await rename(fresh, home);
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
  return program;
}

async function run(cwd: string, command: string[]): Promise<void> {
  const child = Bun.spawn(command, { cwd, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [output, errors, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  if (code !== 0) throw new Error(`Cannot run ${command.join(" ")}: exit code ${code}\n${output}${errors}`);
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
