/** Completions for PowerShell. Source: Register-ArgumentCompleter in the reference of PowerShell. */

import { dropMarks } from "../../lib/inline-code.ts";
import { type CommandName, commands, commonFlags, flags, namesOf } from "../command-table.ts";
import { describeFlag } from "../describe-flag.ts";

export function writePowershell(name: string): string {
  const names = namesOf(commands);
  return `# Completions of ${name} for PowerShell: source this file in your $PROFILE.
Register-ArgumentCompleter -Native -CommandName ${quote(name)} -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $commands = [ordered]@{
${names.map((command) => `    ${entry(command, dropMarks(commands[command].about))}`).join("\n")}
  }
  $words = @{
${names.map((command) => `    ${quote(command)} = [ordered]@{ ${wordsOf(command).join("; ")} }`).join("\n")}
  }
  $values = @{
${namesOf(flags).flatMap(writeValues).join("\n")}
  }
  $typed = @($commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursorPosition } |
    ForEach-Object { $_.ToString() })
  if ($typed -contains '--') { return }
  $command = if ($typed.Count -gt 1 -and $commands.Contains($typed[1])) { $typed[1] } else { 'serve' }
  $candidates = [ordered]@{}
  if ($values.ContainsKey($typed[-1])) {
    foreach ($value in $values[$typed[-1]]) { $candidates[$value] = $value }
  } else {
    if ($typed.Count -eq 1) { foreach ($word in $commands.Keys) { $candidates[$word] = $commands[$word] } }
    foreach ($word in $words[$command].Keys) { $candidates[$word] = $words[$command][$word] }
  }
  foreach ($word in $candidates.Keys) {
    if ($word -like "$wordToComplete*") {
      [System.Management.Automation.CompletionResult]::new($word, $word, 'ParameterValue', $candidates[$word])
    }
  }
}`;
}

function wordsOf(command: CommandName): string[] {
  const { flags: own, words = [] } = commands[command];
  return [
    ...words.map((word) => entry(word, word)),
    ...[...own, ...commonFlags].map((flag) => entry(flag, dropMarks(describeFlag(flag)))),
  ];
}

function writeValues(name: keyof typeof flags): string[] {
  const { values } = flags[name];
  return values ? [`    ${quote(name)} = @(${values.map(quote).join(", ")})`] : [];
}

const entry = (word: string, about: string): string => `${quote(word)} = ${quote(about)}`;

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
