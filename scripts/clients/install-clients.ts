/** Installs the clients from npm into one directory, kept for the next run, with the programs that use them. */
import { existsSync } from "node:fs";
import { cp } from "node:fs/promises";
import { installPackages } from "../claude-code/install-packages.ts";

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
  if (!existsSync(home))
    await installPackages(home, wanted, { in: "node_modules/opencode-ai", file: "postinstall.mjs" });
  // Beside the packages, where Node looks for them.
  await cp(`${import.meta.dir}/programs`, home, { recursive: true });
  return home;
}
