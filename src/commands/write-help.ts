/** `help`: the page, made from the tables that the program itself reads. */
import { variables } from "../config/variables.ts";
import { type CommandName, commands, commandsWith, type FlagName, flags, namesOf } from "./command-table.ts";

/** What is read, in order of what wins; for the page and the manual. */
export const precedence =
  "Flags override the environment, which overrides a .env file: the one given by --env-file, else .env in the " +
  "working directory, else claude-code-proxy/.env in your configuration directory. Only the variables above are " +
  "read from it. The run command never reads the .env of the working directory.";

/** Code and meaning. */
export const exitMeanings: readonly (readonly [string, string])[] = [
  ["0", "success"],
  ["1", "failure while running"],
  ["2", "usage error"],
  ["78", "configuration error"],
  ["130, 143", "stopped by a signal before all answers were finished"],
  ["126, 127", "run: the command is not executable (126) or not found (127)"],
  ["others", "run: the command's own exit code, or 128 plus the number of the signal that ended it"],
];

/** The whole page, examples first. `program` is what the user types to start us. */
export function describeUsage(program: string): string {
  return [
    "Use Claude Code, or any Anthropic Messages client, with any OpenAI-compatible backend.",
    "",
    "Examples:",
    `  ${program} --demo`,
    `  OPENAI_API_KEY=sk-… ${program}`,
    `  OPENAI_API_KEY=sk-… ${program} run -- claude -p "Fix the failing test"`,
    `  OPENAI_BASE_URL=http://localhost:11434/v1 OPENAI_API_KEY=local BIG_MODEL=qwen3 ${program} --port 9000`,
    "",
    "Usage:",
    ...columns(namesOf(commands).map((name) => [`${program} ${usageOf(name)}`, commands[name].about])),
    "",
    "Flags:",
    ...columns(namesOf(flags).map((name) => [writeFlag(name), describeFlag(name)])),
    "",
    "Environment, with [defaults]:",
    ...columns(variables.map(({ name, about, fallback }) => [name, withFallback(about, fallback)])),
    "",
    ...wrap(precedence),
    "",
    "Exit codes:",
    ...columns(exitMeanings),
  ].join("\n");
}

/** A command with all that can stand behind it. */
export function usageOf(name: CommandName): string {
  const { flags: own, operands } = commands[name];
  // Few flags are shown, many only mentioned.
  const written = own.length > 1 ? ["[flags]"] : own.map((flag) => `[${flag}]`);
  return [name === "serve" ? "[serve]" : name, ...written, ...(operands ? [operands] : [])].join(" ");
}

/** A flag with what its value is called. */
export function writeFlag(name: FlagName): string {
  const { takes } = flags[name];
  return takes ? `${name} ${takes}` : name;
}

/** What a flag does, its values, and the commands it goes with unless any starts a proxy with it. */
export function describeFlag(name: FlagName): string {
  const { about, values } = flags[name];
  const users = commandsWith(name);
  const goesWithAll = users.length === 0 || (users.includes("serve") && users.includes("run"));
  return [
    about,
    ...(values ? [`: ${values.join(", ")}`] : []),
    ...(goesWithAll ? [] : [` (${users.join(", ")})`]),
  ].join("");
}

export function withFallback(about: string, fallback: string | undefined): string {
  return fallback === undefined ? about : `${about} [${fallback}]`;
}

/** What to say to somebody who has no backend yet. */
export function describeWaysOn(program: string): string {
  return [
    "No backend key is set. There are three ways to continue:",
    "  set OPENAI_API_KEY in the environment or in a .env file (for run: one given by --env-file)",
    "  point OPENAI_BASE_URL at a local server, with any key:",
    `    OPENAI_BASE_URL=http://localhost:11434/v1 OPENAI_API_KEY=local ${program}`,
    `  try it without an account: ${program} --demo`,
  ].join("\n");
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}

function wrap(text: string): string[] {
  return text.match(/.{1,90}(?: |$)/g)?.map((line) => line.trimEnd()) ?? [];
}
