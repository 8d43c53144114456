/**
 * Room `scripts/readme/`: the tables of the README, generated from those that the program itself uses. Not here: any
 * description of its own.
 */
import { knownBackends } from "../../src/catalog/backends/known-backends.ts";
import { commands, flags, namesOf } from "../../src/commands/command-table.ts";
import { exitRows } from "../../src/commands/exit-codes.ts";
import {
  describeDefault,
  describeFlagAndCommands,
  usageOf,
  writeFlag,
} from "../../src/commands/write-help.ts";
import { describeWithDetails, variables } from "../../src/config/variables.ts";
import { endpointRows } from "../../src/routes/endpoints.ts";

/** Each table begins with the names of its columns, which identify it. */
const tables: readonly (readonly (readonly string[])[])[] = [
  [
    ["variable", "default", "meaning"],
    ...variables.map((row) => [code(row.name), describeDefault(row) ?? "none", describeWithDetails(row)]),
  ],
  [
    ["command", "what it does"],
    ...namesOf(commands).map((name) => [code(usageOf(name)), commands[name].about]),
  ],
  [
    ["backend", "`OPENAI_BASE_URL`", "a model", "`BACKEND_DIALECT`"],
    ...knownBackends.map(({ name, readme }) => [
      readme.title,
      code(readme.baseUrl),
      code(readme.model),
      code(name),
    ]),
  ],
  [
    ["flag", "what it does"],
    ...namesOf(flags).map((name) => [code(writeFlag(name)), describeFlagAndCommands(name)]),
  ],
  [["exit code", "meaning"], ...exitRows],
  [["endpoint", "what it does"], ...endpointRows.map(([name, about]) => [code(name), about])],
];

/** @throws Error if a table has no place in the README */
export function writeTables(readme: string): string {
  return tables.reduce((text, [columns = [], ...rows]) => {
    const head = `${writeRow(columns)}\n|${"---|".repeat(columns.length)}\n`;
    const start = text.indexOf(head);
    if (start === -1) throw new Error(`README.md has no table with the columns ${columns.join(", ")}`);
    const end = start + (/^(?:\|.*\n)*/.exec(text.slice(start))?.[0].length ?? 0);
    return text.slice(0, start) + head + rows.map((row) => `${writeRow(row)}\n`).join("") + text.slice(end);
  }, readme);
}

function writeRow(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

function code(text: string): string {
  return `\`${text}\``;
}
