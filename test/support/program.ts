/** The program in a process of its own, from the sources or built, with an environment of its own. */
import { join } from "node:path";

const root = join(import.meta.dir, "../..");
/** The built program that takes the place of the sources; `./scripts/smoke` names it. */
export const builtProgram = process.env.SMOKE_PROGRAM;

/** For tests of what only the sources do, or of what they can be told but not a program, such as its pace. */
export const isBuilt = builtProgram !== undefined;

const sources = [process.execPath, `--config=${root}/bunfig.toml`, join(root, "src/main.ts")];
const main = builtProgram === undefined ? sources : [builtProgram];

/** A shell script that is the program. */
export const programScript = `exec ${main.map((word) => `'${word}'`).join(" ")} "$@"`;

export type Given = {
  /** The home directory as well, unless the environment names another. */
  readonly cwd: string;
  /** What starts the program, if it is another one. */
  readonly command?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Nothing unless given. */
  readonly stdin?: Blob;
};

export function startProgram(words: readonly string[], { cwd, command = main, env = {}, stdin }: Given) {
  return Bun.spawn([...command, ...words], {
    cwd,
    env: { HOME: cwd, ...env },
    stdin: stdin ?? "ignore",
    stdout: "pipe",
    stderr: "pipe",
    // In a session of its own, without the terminal of whoever runs the tests.
    detached: true,
  });
}

export async function runProgram(words: readonly string[], given: Given) {
  const child = startProgram(words, given);
  const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { out, err, code };
}
