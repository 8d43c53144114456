/** `help --man`: a manual page, from the same tables as the help. Source: man(7), the macros of manual pages. */
import { describeWithDetails, variables } from "../config/variables.ts";
import { endpointRows } from "../routes/endpoints.ts";
import { commands, flags, namesOf } from "./command-table.ts";
import { exitRows } from "./exit-codes.ts";
import {
  addDefault,
  describeFlagAndCommands,
  listExamples,
  precedence,
  usageOf,
  writeFlag,
} from "./write-help.ts";

/** The page in roff, without a date, so that the same version is always the same text. */
export function writeManual(name: string, version: string): string {
  return [
    `.TH ${name.toUpperCase()} 1 "" "${name} ${version}"`,
    ".SH NAME",
    roff(`${name} - use Claude Code, or any Anthropic Messages client, with any OpenAI-compatible backend`),
    ".SH SYNOPSIS",
    ...namesOf(commands).flatMap((command) => [`.B ${roff(name)}`, roff(usageOf(command)), ".br"]),
    ".SH COMMANDS",
    ...entries(namesOf(commands).map((command) => [command, commands[command].about])),
    ".SH OPTIONS",
    ...entries(namesOf(flags).map((flag) => [writeFlag(flag), describeFlagAndCommands(flag)])),
    ".SH ENVIRONMENT",
    ...entries(variables.map((row) => [row.name, addDefault(describeWithDetails(row), row)])),
    ".SH ENDPOINTS",
    ...entries(endpointRows),
    ".SH FILES",
    roff(precedence),
    ".SH EXIT STATUS",
    ...entries(exitRows),
    ".SH EXAMPLES",
    ...listExamples(name).flatMap((line) => [".TP", roff(line)]),
    ".SH SEE ALSO",
    roff("claude(1), https://github.com/claude-code-proxy/claude-code-proxy"),
  ].join("\n");
}

function entries(rows: readonly (readonly [string, string])[]): string[] {
  return rows.flatMap(([term, about]) => [".TP", `.B ${roff(term)}`, roff(about)]);
}

/**
 * Text that is safe in roff: ASCII, no escapes, no line that begins with a request, dashes that can be copied, code in
 * bold.
 */
export function roff(text: string): string {
  return text
    .replaceAll("\\", "\\e")
    .replace(/`([^`]+)`/g, "\\fB$1\\fR")
    .replaceAll("-", "\\-")
    .replace(/^[.']/gm, "\\&$&")
    .replace(/[^\0-\x7f]/gu, (letter) => {
      const code = letter.codePointAt(0) ?? 0;
      return `\\[u${code.toString(16).toUpperCase().padStart(4, "0")}]`;
    });
}
