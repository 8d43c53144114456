/** Looks for Claude Code and its settings on this machine. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ClientFacts } from "./check-client.ts";

/** How long `claude --version` may take, ms. */
const versionMs = 5000;

export function findClient(env: ClientFacts["env"]): ClientFacts {
  const path = Bun.which("claude", { PATH: env.PATH ?? "" }) ?? undefined;
  const directory = env.CLAUDE_CONFIG_DIR || join(env.HOME ?? env.USERPROFILE ?? "", ".claude");
  const settings = join(directory, "settings.json");
  return {
    path,
    version: path === undefined ? undefined : askVersion(path),
    settings: { path: settings, text: readText(settings) },
    env,
  };
}

function askVersion(path: string): string | undefined {
  try {
    const child = Bun.spawnSync([path, "--version"], {
      timeout: versionMs,
      stdin: "ignore",
      stderr: "ignore",
    });
    return child.stdout.toString();
  } catch {
    return undefined;
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
