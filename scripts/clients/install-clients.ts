/** Installs the clients from npm into one directory, kept for the next run, with the programs that use them. */
import { cp, mkdir, rename, rm, stat } from "node:fs/promises";

/** Exact, so that a run next year tries the same. */
const packages = {
  "@anthropic-ai/sdk": "1.14.0",
  "@anthropic-ai/claude-agent-sdk": "0.3.332",
  "@ai-sdk/anthropic": "4.0.105",
  ai: "7.0.173",
  "@langchain/anthropic": "1.5.11",
  "@langchain/core": "1.4.0",
  "opencode-ai": "1.18.33",
  zod: "4.6.7",
} as const;

/**
 * The directory with the programs. Packages of programs for this machine come as optional dependencies; of the scripts
 * that packages run after their installation, only opencode's is needed.
 *
 * @param cache directory for the packages, one for each set of versions
 * @throws Error when npm fails
 */
export async function installClients(cache: string): Promise<string> {
  const wanted = Object.entries(packages).map(([name, version]) => `${name}@${version}`);
  const home = `${cache}/clients-${Bun.hash(wanted.join()).toString(36)}`;
  if (!(await exists(home))) {
    // Built elsewhere and moved, so that an interrupted download is never mistaken for a whole one.
    const fresh = `${home}.${process.pid}`;
    await mkdir(fresh, { recursive: true });
    try {
      const options = ["--ignore-scripts", "--no-save", "--no-audit", "--no-fund", "--loglevel=error"];
      await run(fresh, ["npm", "install", "--prefix", fresh, ...options, ...wanted]);
      await run(`${fresh}/node_modules/opencode-ai`, ["node", "postinstall.mjs"]);
      await rename(fresh, home);
    } finally {
      await rm(fresh, { recursive: true, force: true });
    }
  }
  // Beside the packages, where Node looks for them.
  await cp(`${import.meta.dir}/programs`, home, { recursive: true });
  return home;
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
