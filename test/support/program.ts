/** The program in a process of its own, with an environment of its own. */
import { join } from "node:path";

const root = join(import.meta.dir, "../..");
const main = [process.execPath, `--config=${root}/bunfig.toml`, join(root, "src/main.ts")];

/** A shell script that is the program. */
export const programScript = `exec ${main.map((word) => `'${word}'`).join(" ")} "$@"`;

export type Given = {
  /** The home directory as well, unless the environment names another. */
  readonly cwd: string;
  /** What starts the program; the sources unless given. */
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
