/** Completions for fish. Source: complete(1) of fish. */

import { dropMarks } from "../../lib/inline-code.ts";
import {
  type CommandName,
  commands,
  commonFlags,
  type FlagName,
  flags,
  namesOf,
  takesPath,
} from "../command-table.ts";
import { describeFlag } from "../describe-flag.ts";

export function writeFish(name: string): string {
  const names = namesOf(commands);
  const line = (...words: string[]) => ["complete", "-c", name, ...words].join(" ");
  return [
    `# Completions of ${name} for fish: put this file into ~/.config/fish/completions.`,
    line("-f"),
    ...names.map((command) =>
      line("-n", "__fish_use_subcommand", "-a", command, "-d", quote(dropMarks(commands[command].about))),
    ),
    ...commonFlags.map((flag) => line(...writeFlag(flag))),
    ...names.flatMap((command) => {
      const { flags: own, operands, words } = commands[command];
      const condition = ["-n", quote(conditionOf(command, names))];
      const lines = own.map((flag) => line(...condition, ...writeFlag(flag)));
      if (words) lines.push(line(...condition, "-a", quote(words.join(" "))));
      else if (operands) lines.push(line(...condition, "-a", "'(__fish_complete_subcommand --fcs-skip=2)'"));
      return lines;
    }),
  ].join("\n");
}

/** `serve` is the default command. */
function conditionOf(command: CommandName, names: readonly CommandName[]): string {
  if (command !== "serve") return `__fish_seen_subcommand_from ${command}`;
  return `not __fish_seen_subcommand_from ${names.filter((other) => other !== command).join(" ")}`;
}

function writeFlag(name: FlagName): string[] {
  const { takes, values } = flags[name];
  const written = ["-l", name.slice(2), "-d", quote(dropMarks(describeFlag(name)))];
  if (values) return [...written, "-x", "-a", quote(values.join(" "))];
  if (!takes) return written;
  return [...written, ...(takesPath(flags[name]) ? ["-r", "-F"] : ["-x"])];
}

function quote(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}
