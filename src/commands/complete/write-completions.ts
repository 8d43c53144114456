/**
 * Room `commands/complete/`: completion scripts, one file per shell, made from the command table. Not here: names of
 * commands or flags.
 */
import type { Shell } from "../command-table.ts";
import { writeBash } from "./write-bash.ts";
import { writeFish } from "./write-fish.ts";
import { writePowershell } from "./write-powershell.ts";
import { writeZsh } from "./write-zsh.ts";

const writers: Readonly<Record<Shell, (name: string) => string>> = {
  bash: writeBash,
  zsh: writeZsh,
  fish: writeFish,
  powershell: writePowershell,
};

/** @param name the name of the program */
export function writeCompletions(shell: Shell, name: string): string {
  return writers[shell](name);
}
