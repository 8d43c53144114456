/** `help`: the page, made from the tables that the program itself reads. */
import { variables } from "../variables.ts";
import { flags } from "./read-arguments.ts";

/** The whole page, examples first. `program` is what the user types to start us. */
export function describeUsage(program: string): string {
  const flagRows = flags.map(({ name, takes, about }) => [takes ? `${name} ${takes}` : name, about] as const);
  const variableRows = variables.map(({ name, about, fallback }) => {
    return [name, fallback === undefined ? about : `${about} [${fallback}]`] as const;
  });
  return [
    "Use Claude Code, or any Anthropic Messages client, with any OpenAI-compatible backend.",
    "",
    "Examples:",
    `  ${program} --demo`,
    `  OPENAI_API_KEY=sk-… ${program}`,
    `  OPENAI_BASE_URL=http://localhost:11434/v1 OPENAI_API_KEY=local BIG_MODEL=qwen3 ${program} --port 9000`,
    "",
    "Usage:",
    `  ${program} [serve] [flags]`,
    `  ${program} help | version`,
    "",
    "Flags:",
    ...columns(flagRows),
    "",
    "Environment, with [defaults]; a flag wins over it, and it wins over a .env file:",
    ...columns(variableRows),
    "",
    "The .env file is the one given by --env-file, else .env in the working directory, else",
    "claude-code-proxy/.env in your configuration directory. Only the variables above are read from it.",
    "",
    "Exit codes: 0 ended well, 1 failed while running, 2 wrong usage, 78 wrong configuration,",
    "130 and 143 ended by a signal before every answer was finished.",
  ].join("\n");
}

/** What to say to somebody who has no backend yet. */
export function describeWaysOn(program: string): string {
  return [
    "There is no key for a backend yet. Three ways on:",
    "  set OPENAI_API_KEY, in the environment or in a .env file",
    "  point OPENAI_BASE_URL at a local server, with any key:",
    `    OPENAI_BASE_URL=http://localhost:11434/v1 OPENAI_API_KEY=local ${program}`,
    `  look around without an account: ${program} --demo`,
  ].join("\n");
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
