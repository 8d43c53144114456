/** Completions for bash, including the 3.2 of macOS. */
import { type CommandName, commands, commonFlags, type FlagName, flags, namesOf } from "../command-table.ts";

export function writeBash(name: string): string {
  const names = namesOf(commands);
  const own = `_${name.replaceAll("-", "_")}`;
  return `# Completions of ${name} for bash: source this file, or put it where bash-completion looks.
${own}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} command=serve words="" i
  COMPREPLY=()
  # Bash takes --flag=value apart.
  if [[ $cur == = ]]; then cur=""; elif [[ $prev == = ]]; then prev=\${COMP_WORDS[COMP_CWORD - 2]}; fi
  if [[ $COMP_CWORD -gt 1 ]]; then
    case \${COMP_WORDS[1]} in
      ${names.join("|")}) command=\${COMP_WORDS[1]} ;;
    esac
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    if [[ \${COMP_WORDS[i]} == -- ]]; then
      if [[ $i -eq $((COMP_CWORD - 1)) ]]; then COMPREPLY=($(compgen -c -- "$cur")); fi
      return
    fi
  done
  case $prev in
${namesOf(flags).flatMap(writeValues).join("\n")}
  esac
  case $command in
${names.map((command) => `    ${command}) words="${wordsOf(command)}" ;;`).join("\n")}
  esac
  if [[ $COMP_CWORD -eq 1 ]]; then words="${names.join(" ")} $words"; fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o bashdefault -o default -F ${own} ${name}`;
}

/** The value of a flag; without candidates bash itself offers files. */
function writeValues(name: FlagName): string[] {
  const { takes, values } = flags[name];
  if (values) return [`    ${name}) COMPREPLY=($(compgen -W "${values.join(" ")}" -- "$cur")); return ;;`];
  return takes ? [`    ${name}) return ;;`] : [];
}

function wordsOf(command: CommandName): string {
  const { flags, operands, words = [] } = commands[command];
  return [...words, ...flags, ...commonFlags, ...(operands?.startsWith("--") ? ["--"] : [])].join(" ");
}
