/** The program, run from its sources. */
import { join } from "node:path";

const root = join(import.meta.dir, "../..");
const command = [process.execPath, `--config=${root}/bunfig.toml`, join(root, "src/main.ts")];

/** A shell script that is the program. */
export const programScript = `exec ${command.map((word) => `'${word}'`).join(" ")} "$@"`;

/** Whether it can be started by scripts, with `serve --ready-file` and `run --`. */
export const isScriptable = Bun.spawnSync([...command, "--help"]).stdout.includes("--ready-file");
