/** Looks for Claude Code and its settings on this machine. */
import { clientProgram } from "../../catalog/claude-code/claude-code.ts";
import { findProgram } from "../client/find-program.ts";
import { findSettings, type SettingsPlace } from "../client/find-settings.ts";
import type { ClientFacts } from "./check-client.ts";

/** How long `claude --version` may take, ms. */
const versionMs = 5000;

export function findClient(place: SettingsPlace): ClientFacts {
  const { env, platform } = place;
  const path = findProgram(clientProgram, env, platform);
  return {
    path,
    version: path === undefined ? undefined : askVersion(path),
    settings: findSettings(place),
    env,
    platform,
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
