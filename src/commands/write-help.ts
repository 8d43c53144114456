/** `help`: the help text, made from the tables that the program itself uses. */

import type { MissingKey } from "../config/config-error.ts";
import { type PlacedVariable, variables } from "../config/variables.ts";
import { dropMarks, listCode } from "../lib/inline-code.ts";
import { endpointRows } from "../routes/endpoints.ts";
import {
  type CommandName,
  commands,
  commandsWith,
  commonFlags,
  type FlagName,
  flags,
  namesOf,
} from "./command-table.ts";
import { describeFlag } from "./describe-flag.ts";
import { exitRows } from "./exit-codes.ts";

/** What is read, in order of precedence; for the help and the manual. */
export const precedence =
  "Flags override the environment, which overrides a .env file: the one given by --env-file, else .env in the " +
  "working directory, else claude-code-proxy/.env in your configuration directory. Only the variables above are " +
  "read from it. The run command never reads the .env of the working directory.";

const repository = "claude-code-proxy/claude-code-proxy";

/** What people type most, for the help and the manual. */
export function listExamples(program: string): string[] {
  return [
    `${program} --demo`,
    `${program} init`,
    `OPENAI_API_KEY=sk-… ${program}`,
    `OPENAI_API_KEY=sk-… ${program} run -- claude -p "Fix the failing test"`,
    `OPENAI_BASE_URL=http://localhost:11434/v1 OPENAI_API_KEY=local BIG_MODEL=qwen3 ${program} --port 9000`,
    `${program} doctor`,
  ];
}

/** The whole text, examples first. `program` is what the user types to start us. */
export function describeUsage(program: string): string {
  return [
    "Use Claude Code, or any Anthropic Messages client, with any OpenAI-compatible backend.",
    "",
    "Examples:",
    ...listExamples(program).map((line) => `  ${line}`),
    "",
    "Usage:",
    ...columns(namesOf(commands).map((name) => [`${program} ${usageOf(name)}`, commands[name].about])),
    "",
    "Flags:",
    ...columns(namesOf(flags).map((name) => [writeFlag(name), describeFlagAndCommands(name)])),
    "",
    "Environment, with [defaults]:",
    ...columns(variables.map((row) => [row.name, addDefault(row.about, row)])),
    "",
    ...wrap(precedence),
    "",
    "Endpoints:",
    ...columns(endpointRows),
    "",
    "Exit codes:",
    ...columns(exitRows),
    "",
    `Help for one command: ${program} COMMAND --help`,
    `More: https://github.com/${repository}`,
  ].join("\n");
}

/** The help for one command. */
export function describeCommand(program: string, name: CommandName): string {
  const { about, flags: own, example } = commands[name];
  return [
    `${dropMarks(about)}.`,
    "",
    "Usage:",
    `  ${program} ${usageOf(name)}`,
    "",
    "Example:",
    `  ${example.replace("{program}", () => program)}`,
    "",
    "Flags:",
    ...columns([...own, ...commonFlags].map((flag) => [writeFlag(flag), describeFlag(flag)])),
    "",
    `Variables, endpoints, exit codes and the other commands: ${program} --help`,
  ].join("\n");
}

/** A command with everything that can follow it. */
export function usageOf(name: CommandName): string {
  const { flags: own, operands } = commands[name];
  // A single flag is shown; several are only mentioned.
  const written = own.length > 1 ? ["[flags]"] : own.map((flag) => `[${flag}]`);
  return [name === "serve" ? "[serve]" : name, ...written, ...(operands ? [operands] : [])].join(" ");
}

/** A flag with the placeholder of its value. */
export function writeFlag(name: FlagName): string {
  const { takes } = flags[name];
  return takes ? `${name} ${takes}` : name;
}

/** What a flag does, and the commands that accept it, unless all that start a proxy do. */
export function describeFlagAndCommands(name: FlagName): string {
  const about = describeFlag(name);
  const users = commandsWith(name);
  const goesWithAll = users.length === 0 || (users.includes("serve") && users.includes("run"));
  return goesWithAll ? about : `${about} (${listCode(users)})`;
}

/** A description of a variable, followed by its default. */
export function addDefault(description: string, row: PlacedVariable): string {
  const otherwise = describeDefault(row);
  return otherwise === undefined ? description : `${description} [${otherwise}]`;
}

/** The default of a variable; undefined if there is none. */
export function describeDefault({ fallback, required }: PlacedVariable): string | undefined {
  if (required) return "required";
  return typeof fallback === "string" ? `\`${fallback}\`` : fallback?.about;
}

/**
 * Help for someone who has no backend yet.
 * @param started the program that `run` was to start
 */
export function describeMissingKey(
  program: string,
  { searched, passedOver }: MissingKey,
  started?: string,
): string {
  const [run, command] = started === undefined ? ["", ""] : [" run", ` -- ${started}`];
  return (
    [
      "No backend key is set: OPENAI_API_KEY is neither in the environment nor in a .env file.",
      ...searched.map((path) => `  looked for ${path}`),
      ...(passedOver === undefined
        ? []
        : [
            `  ${passedOver} is not read by run, as it may be a stranger's. If it is yours, add`,
            `  --env-file .env${searched[0] ? `, or move it to ${searched[0]}` : ""}`,
          ]),
      "There are four ways to continue:",
      `  answer a few questions: ${program} init`,
      "  set OPENAI_API_KEY in the environment, or in a file given by --env-file or named above",
      "  point OPENAI_BASE_URL at a local server, with any key:",
      `    OPENAI_BASE_URL=http://localhost:11434/v1 OPENAI_API_KEY=local ${program}${run}${command}`,
      `  try it without an account: ${program}${run} --demo${command}`,
    ]
      // A directory may have any name, which must not steer the terminal.
      .map((line) => line.replace(/\p{Cc}/gu, " "))
      .join("\n")
  );
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${dropMarks(right)}`);
}

function wrap(text: string): string[] {
  return text.match(/.{1,90}(?: |$)/g)?.map((line) => line.trimEnd()) ?? [];
}
