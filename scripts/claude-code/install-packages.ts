import { mkdir, rename, rm } from "node:fs/promises";

/**
 * Installs packages from npm into a new directory. It is built elsewhere and moved, so that an interrupted download is
 * never mistaken for a whole one. npm runs install scripts only where it is allowed to, so `script` is the one that is
 * needed.
 *
 * @param packages with their versions, `name@version`
 * @param script runs in `in`, a directory below the new one
 * @throws Error when npm or the script fails
 */
export async function installPackages(
  home: string,
  packages: readonly string[],
  script: { readonly in: string; readonly file: string },
): Promise<void> {
  const fresh = `${home}.${process.pid}`;
  await mkdir(fresh, { recursive: true });
  try {
    const options = ["--ignore-scripts", "--no-save", "--no-audit", "--no-fund", "--loglevel=error"];
    await run(fresh, ["npm", "install", "--prefix", fresh, ...options, ...packages]);
    await run(`${fresh}/${script.in}`, ["node", script.file]);
    await rm(home, { recursive: true, force: true });
    await rename(fresh, home);
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

async function run(cwd: string, command: string[]): Promise<void> {
  const child = Bun.spawn(command, { cwd, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [output, errors, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  if (code !== 0) throw new Error(`Cannot run ${command.join(" ")}: exit code ${code}\n${output}${errors}`);
}
