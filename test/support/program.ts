/** The program in a process and an environment of its own, from the sources or built. */
import { join } from "node:path";

const root = join(import.meta.dir, "../..");
/** The built program to use instead of the sources; given by `./scripts/smoke`. */
export const builtProgram = process.env.SMOKE_PROGRAM;

/** For tests of what only the sources do, or of options that a program does not have, such as its pace. */
export const isBuilt = builtProgram !== undefined;

const sources = [process.execPath, `--config=${root}/bunfig.toml`, join(root, "src/main.ts")];
const main = builtProgram === undefined ? sources : [builtProgram];

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
