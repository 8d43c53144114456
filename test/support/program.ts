/** The program in a process and an environment of its own, from the sources or built. */
import { join } from "node:path";

const root = join(import.meta.dir, "../..");
const { SMOKE_LAUNCHER: launcher, SMOKE_PROGRAM: program } = process.env;

/** What starts the built program that takes the place of the sources; `./scripts/smoke` names both. */
export const builtCommand = program ? [...(launcher ? [launcher] : []), program] : undefined;

/** For tests of what only the sources do, or of what they can be set to but not a program, such as its pace. */
export const isBuilt = builtCommand !== undefined;

/** The system that the program is for: one for Windows may be run by Wine. */
export const platform: NodeJS.Platform = program?.endsWith(".exe") ? "win32" : process.platform;

/** Wine does not tell Bun of a refused connection: even a program of one `fetch` waits for ever. */
export const hearsRefusal = !launcher;

/** What stops it: the signal, and the exit code if it has to be sent twice. Windows has only what a console sends. */
export const stopping =
  platform === "win32"
    ? ({ signal: "SIGINT", code: 130 } as const)
    : ({ signal: "SIGTERM", code: 143 } as const);

const sources = [process.execPath, `--config=${root}/bunfig.toml`, join(root, "src/main.ts")];
const main = builtCommand ?? sources;

/** A shell script that is the program. */
export const programScript = `exec ${main.map((word) => `'${word}'`).join(" ")} "$@"`;

export type Given = {
  /** The home directory as well, unless the environment names another. */
  readonly cwd: string;
  /** What starts the program, if not the test itself. */
  readonly command?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Empty by default. */
  readonly stdin?: Blob;
};

export function startProgram(words: readonly string[], { cwd, command = main, env = {}, stdin }: Given) {
  return Bun.spawn([...command, ...words], {
    cwd,
    env: { HOME: cwd, ...env },
    stdin: stdin ?? "ignore",
    stdout: "pipe",
    stderr: "pipe",
    // In a session of its own, without the terminal of the person who runs the tests.
    detached: true,
  });
}

export async function runProgram(words: readonly string[], given: Given) {
  const child = startProgram(words, given);
  const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { out, err, code };
}
