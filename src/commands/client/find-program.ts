/**
 * Room `commands/client/`: the Claude Code that `run` starts and `doctor` looks at: its program, its settings, and
 * whether a model's window can hold it. Not here: what is known about it, which is in `catalog/claude-code/`.
 *
 * Looks for a program: on the path, and Claude Code also where its installers put it.
 */
import { existsSync, readdirSync } from "node:fs";
import { posix, win32 } from "node:path";
import { clientProgram, installCommands, programPlaces } from "../../catalog/claude-code/claude-code.ts";
import type { Environment } from "../make-child-environment.ts";

/** Whether a command is Claude Code, by its name: `claude`, `./bin/claude`, `claude.exe`. */
export function isClient(program: string): boolean {
  return /(?:^|[\\/])claude(?:\.(?:exe|cmd|ps1))?$/i.test(program);
}

/**
 * Whether a command is Claude Code, or may lead to it: a shell, or words that name its program or its package. In a
 * terminal, Claude Code asks about a key in `ANTHROPIC_API_KEY`, which most other clients need.
 */
export function mayBeClient([program = "", ...words]: readonly string[]): boolean {
  return shell.test(program) || [program, ...words].some((word) => clientWord.test(word));
}

const shell =
  /(?:^|[\\/])(?:(?:ba|z|fi|da|k|mk|c|tc)?sh|nu|pwsh|powershell|cmd|tmux|screen|zellij)(?:\.exe)?$/i;
const clientWord =
  /(?:^|[\\/])claude(?:-code)?(?:@[\w.-]+)?(?:\.(?:exe|cmd|ps1|[cm]?js))?(?:[\\/]cli\.[cm]?js)?$/i;

/** The path of a program, or undefined. A name with a directory is looked for only there. */
export function findProgram(program: string, env: Environment, platform: string): string | undefined {
  const onPath = Bun.which(program, { PATH: env.PATH ?? "" });
  if (onPath !== null) return onPath;
  return program === clientProgram ? findInstalled(env, platform) : undefined;
}

/** How to get Claude Code. */
export function adviseInstalling(platform: string): string {
  return `install it with: ${installCommands[familyOf(platform)]}`;
}

function findInstalled(env: Environment, platform: string): string | undefined {
  const family = familyOf(platform);
  const names = family === "win32" ? [`${clientProgram}.exe`, `${clientProgram}.cmd`] : [clientProgram];
  const join = family === "win32" ? win32.join : posix.join;
  for (const place of programPlaces[family]) {
    for (const directory of expand(fillIn(place, env), join))
      for (const name of names) {
        const path = Bun.which(join(directory, name));
        if (path !== null) return path;
      }
  }
  return undefined;
}

function familyOf(platform: string): keyof typeof programPlaces {
  return platform === "win32" ? "win32" : "posix";
}

/** The place with the values of its variables; "" if one is not set. */
function fillIn(place: string, env: Environment): string {
  let isKnown = true;
  const filled = place.replace(/^~|%(\w+)%/g, (_, name: string | undefined) => {
    const value = env[name ?? "HOME"];
    isKnown &&= Boolean(value);
    return value ?? "";
  });
  return isKnown ? filled : "";
}

/** The directories that a place with `*` means, the last by name first: that is the newest version. */
function expand(place: string, join: (...parts: string[]) => string): string[] {
  const [before = "", after] = place.split("*", 2);
  if (after === undefined) return place === "" ? [] : [place];
  try {
    const inside = existsSync(before) ? readdirSync(before) : [];
    return inside
      .toSorted(Bun.semver.order)
      .reverse()
      .map((name) => join(before, name, after));
  } catch {
    return [];
  }
}
