/**
 * Room `commands/`: one file for each command of the program, and the command line itself. Not here: `process`, which
 * is read in `process/`, and anything about a request.
 *
 * The command line as two tables. Exactly what is listed here is accepted; help, manual page and completions are made
 * from it. It is read before every command, so it imports no schema: `describe-flag.ts` adds what variables say.
 */

import type { VariableName } from "../config/variables.ts";
import { listCode } from "../lib/inline-code.ts";
import { logFormats, logLevels } from "../telemetry/log.ts";

type Flag = {
  /** The placeholder of its value in the help; absent if it takes none. `FILE` and `DIR` are completed as paths. */
  readonly takes?: string;
  /** The possible values, if it is a fixed set. */
  readonly values?: readonly string[];
} & (
  | {
      /** The variable that it sets, and whose description it has. */
      readonly variable: VariableName;
    }
  | {
      readonly variable?: undefined;
      /** With `code` marked as in Markdown. */
      readonly about: string;
    }
);

export const usageGroupings = ["day", "model", "backend", "session", "class", "client"] as const;
export type UsageGrouping = (typeof usageGroupings)[number];
export type UsageFormat = "text" | "json" | "csv";

const flagTable = {
  "--host": { takes: "HOST", variable: "HOST" },
  "--port": { takes: "PORT", variable: "PORT" },
  "--env-file": { takes: "FILE", about: "Read this .env file and no other" },
  "--config": { takes: "FILE", about: "Read backends and routes from this TOML file" },
  "--api-key-stdin": { about: "Read the backend's key from the first line of stdin" },
  "--ready-file": { takes: "FILE", about: "While listening, keep the address and process id there, as JSON" },
  "--log-level": { takes: "LEVEL", values: logLevels, variable: "LOG_LEVEL" },
  "--log-format": { takes: "FORMAT", values: logFormats, variable: "LOG_FORMAT" },
  "--record": { takes: "DIR", about: "Record what the backend answers, for --replay" },
  "--trace": {
    takes: "DIR",
    about: "Keep each exchange with the backend whole, without keys, for a bug report",
  },
  "--replay": { takes: "DIR", about: "Answer from a recording, without a backend or a key" },
  "--timed": { about: "With --replay: keep the pauses of the recording" },
  "--demo": { about: "Use a built-in demo backend with canned answers; no account needed" },
  "--backend": { takes: "NAME", about: "Set up this backend, by its name in `BACKEND_DIALECT`" },
  "--base-url": { takes: "URL", variable: "OPENAI_BASE_URL" },
  "--model": { takes: "MODEL", variable: "BIG_MODEL" },
  "--small-model": { takes: "MODEL", variable: "SMALL_MODEL" },
  "--force": { about: "Replace an existing file, and write it even if the test fails" },
  "--no-color": { about: "Write plain text; so does the variable `NO_COLOR`" },
  "--usage-db": { takes: "FILE", variable: "USAGE_DB" },
  "--by": {
    takes: "WHAT",
    values: usageGroupings,
    about: `Sum up by ${listCode(usageGroupings)}; the default is the first`,
  },
  "--since": { takes: "WHEN", about: "Begin at `today`, `24h` or `7d` ago, or a date such as `2026-11-28`" },
  "--csv": { about: "Print comma-separated values" },
  "--man": { about: "Print a manual page, in roff" },
  "--json": { about: "Print one line of JSON, for programs" },
  "--help": { about: "Show the help, or the help for the command before it" },
  "--version": { about: "Show the version" },
} as const satisfies Readonly<Record<`--${string}`, Flag>>;

export type FlagName = keyof typeof flagTable;

export const flags: Readonly<Record<FlagName, Flag>> = flagTable;

/** Whether shells should complete file names. */
export function takesPath({ takes }: Flag): boolean {
  return takes === "FILE" || takes === "DIR";
}

/** How the backend is found and what is logged: for every command that starts a proxy. */
const proxyFlags = [
  "--env-file",
  "--config",
  "--api-key-stdin",
  "--record",
  "--trace",
  "--replay",
  "--timed",
  "--demo",
  "--log-level",
  "--log-format",
] as const;

/** How the backend is found: for every command that looks at the configuration. */
const sourceFlags = ["--env-file", "--config", "--api-key-stdin", "--demo"] as const;

/** Replace what any command does. */
export const commonFlags = ["--help", "--version"] as const satisfies readonly FlagName[];

export const shells = ["bash", "zsh", "fish", "powershell"] as const;
export type Shell = (typeof shells)[number];

type Command = {
  /** With `code` marked as in Markdown. */
  readonly about: string;
  readonly flags: readonly FlagName[];
  /** What comes after the flags, as the help shows it. */
  readonly operands?: string;
  /** The possible words there, if it is a fixed set. */
  readonly words?: readonly string[];
  /** What is typed for it, with `{program}` for what starts us. */
  readonly example: string;
  /** Words that people try instead; the error suggests the command. */
  readonly alsoCalled?: readonly string[];
};

const commandTable = {
  serve: {
    about: "Start the proxy; the default command",
    flags: ["--host", "--port", "--ready-file", "--usage-db", ...proxyFlags],
    example: "OPENAI_API_KEY=sk-… {program} serve --port 9000",
    alsoCalled: ["start", "server", "up"],
  },
  run: {
    about: "Run a command with a proxy of its own, and exit with its exit code",
    flags: proxyFlags,
    operands: "-- COMMAND [ARGUMENT]...",
    example: 'OPENAI_API_KEY=sk-… {program} run -- claude -p "Fix the failing test"',
  },
  init: {
    about: "Set up a backend: ask for address, key and models, try them, and write them down",
    flags: ["--backend", "--base-url", "--api-key-stdin", "--model", "--small-model", "--force"],
    example: "{program} init --base-url http://localhost:4000/v1",
    alsoCalled: ["setup", "configure", "auth"],
  },
  doctor: {
    about: "Find out what is wrong, from the key to what each model can do; costs a few cents at most",
    flags: [...sourceFlags, "--json", "--no-color"],
    example: "{program} doctor",
    alsoCalled: ["check", "test", "diagnose"],
  },
  models: {
    about: "List the backend's models, with windows, prices and abilities",
    flags: [...sourceFlags, "--json"],
    example: "{program} models --env-file work.env",
    alsoCalled: ["list"],
  },
  config: {
    about: "Show the configuration in force, and where each value comes from",
    flags: [...sourceFlags, "--json"],
    example: "{program} config --config config.toml",
    alsoCalled: ["settings"],
  },
  usage: {
    about: "Sum up the messages, tokens and cost that a proxy keeps in `USAGE_DB`",
    flags: ["--by", "--since", "--json", "--csv", "--usage-db", "--env-file"],
    example: "{program} usage --by model --since 7d",
    alsoCalled: ["cost", "costs"],
  },
  top: {
    about:
      "Watch a running proxy in the terminal, or print its state once if the output is not a terminal; q quits",
    flags: ["--env-file", "--no-color"],
    operands: "[URL]",
    example: "{program} top http://127.0.0.1:8082",
    alsoCalled: ["status", "monitor"],
  },
  completions: {
    about: `Print a completion script for a shell: ${listCode(shells)}`,
    flags: [],
    operands: "SHELL",
    words: shells,
    example: "{program} completions bash",
  },
  help: {
    about: "Show the help, or that of one command",
    flags: ["--man"],
    operands: "[COMMAND]",
    example: "{program} help run",
  },
  version: { about: "Show the version", flags: ["--json"], example: "{program} version --json" },
} as const satisfies Readonly<Record<string, Command>>;

export type CommandName = keyof typeof commandTable;

export const commands: Readonly<Record<CommandName, Command>> = commandTable;

/** The keys of a table, with their types, which `Object.keys` loses. */
export function namesOf<Name extends string>(
  table: Readonly<Partial<Record<Name, unknown>>>,
): readonly Name[] {
  return Object.keys(table).filter((name): name is Name => name in table);
}

/** The commands that accept a flag; none for flags that all accept. */
export function commandsWith(flag: FlagName): readonly CommandName[] {
  return namesOf(commands).filter((name) => commands[name].flags.includes(flag));
}
