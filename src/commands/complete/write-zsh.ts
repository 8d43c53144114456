/** Completions for zsh. Source: zshcompsys(1). */

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

export function writeZsh(name: string): string {
  const names = namesOf(commands);
  const own = `_${name.replaceAll("-", "_")}`;
  return `#compdef ${name}
# Completions of ${name} for zsh: source this file behind compinit, or put it into a directory of $fpath as ${own}.
${own}() {
  local command=serve
  local -a subcommands=(
${names.map((command) => `    ${quote(`${command}:${dropMarks(commands[command].about)}`)}`).join("\n")}
  )
  if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then
    _describe command subcommands
    return
  fi
  case $words[2] in
    (${names.join("|")}) command=$words[2]; shift words; (( CURRENT-- )) ;;
  esac
  local dashes=\${words[(i)--]}
  if (( dashes < CURRENT )); then
    # Some program's own words.
    shift $dashes words; (( CURRENT -= dashes ))
    _normal
    return
  fi
  case $command in
${names.map((command) => `    (${command}) _arguments -S ${specsOf(command).join(" \\\n      ")} ;;`).join("\n")}
  esac
}
if [[ $funcstack[1] == ${own} ]]; then ${own} "$@"; else compdef ${own} ${name}; fi`;
}

function specsOf(command: CommandName): string[] {
  const { flags: own, operands, words } = commands[command];
  const specs = [...own, ...commonFlags].map(writeFlag);
  if (words) specs.push(quote(`1:${operands}:(${words.join(" ")})`));
  return specs;
}

function writeFlag(name: FlagName): string {
  const { takes, values } = flags[name];
  const about = `[${dropMarks(describeFlag(name)).replace(/[\][]/g, "\\$&")}]`;
  if (!takes) return quote(name + about);
  const action = values ? `(${values.join(" ")})` : takesPath(flags[name]) ? "_files" : " ";
  return quote(`${name}=${about}:${takes}:${action}`);
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
