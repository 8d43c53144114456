/** The command line: its words and flags as a table that `--help` prints too, and what a given line asks for. */
import type { VariableName } from "../variables.ts";

export type Flag = {
  readonly name: `--${string}`;
  /** What its value is called in the help; absent when it takes none. */
  readonly takes?: string;
  /** The variable it stands for. */
  readonly variable?: VariableName;
  readonly about: string;
};

export const flags: readonly Flag[] = [
  { name: "--host", takes: "HOST", variable: "HOST", about: "Address to listen on" },
  { name: "--port", takes: "PORT", variable: "PORT", about: "Port to listen on; 0 picks a free one" },
  { name: "--env-file", takes: "PATH", about: "Read this .env file and no other" },
  { name: "--log-level", takes: "LEVEL", variable: "LOG_LEVEL", about: "DEBUG, INFO, WARNING or ERROR" },
  { name: "--demo", about: "Use a built-in demo backend: canned answers, no account" },
  { name: "--help", about: "Show this page" },
  { name: "--version", about: "Show the version" },
];

const commands = ["serve", "help", "version"] as const;

export type Invocation =
  | { readonly command: "help" | "version" }
  | {
      readonly command: "serve";
      /** Texts of flags, under the variables they stand for. */
      readonly settings: Readonly<Partial<Record<VariableName, string>>>;
      readonly envFile: string | undefined;
      readonly demo: boolean;
    };

/** A command line that asks for nothing we know. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/**
 * Reads the words after the program's name. `--help` and `--version` win over everything that can be read.
 * @throws UsageError for an unknown word or flag, and for a flag without its value
 */
export function readArguments(words: readonly string[]): Invocation {
  const settings: Partial<Record<VariableName, string>> = {};
  let [command, rest] = readCommand(words);
  let envFile: string | undefined;
  let demo = false;
  while (rest.length > 0) {
    const [flag, value, after] = readFlag(rest);
    rest = after;
    if (flag.variable) settings[flag.variable] = value;
    else if (flag.name === "--env-file") envFile = value;
    else if (flag.name === "--demo") demo = true;
    else if (flag.name === "--help") command = "help";
    else if (flag.name === "--version" && command !== "help") command = "version";
  }
  return command === "serve" ? { command, settings, envFile, demo } : { command };
}

function readCommand(words: readonly string[]): [Invocation["command"], readonly string[]] {
  const [first, ...rest] = words;
  if (first === undefined || first.startsWith("-")) return ["serve", words];
  const command = commands.find((known) => known === first);
  if (!command) throw new UsageError(`Run ${first}: there is no such command${suggest(first, commands)}`);
  return [command, rest];
}

/** The first flag, its value ("" when it takes none), and the words behind it. */
function readFlag([word = "", ...rest]: readonly string[]): [Flag, string, readonly string[]] {
  const [, written = word, inline] = /^(-[^=]*)=(.*)$/s.exec(word) ?? [];
  const name = written === "-h" ? "--help" : written;
  const flag = flags.find((known) => known.name === name);
  if (!flag) {
    const names = flags.map((known) => known.name);
    throw new UsageError(`Read the flags: there is no ${written}${suggest(written, names)}`);
  }
  if (!flag.takes) {
    if (inline !== undefined) throw new UsageError(`Read ${name}: it takes no value`);
    return [flag, "", rest];
  }
  const value = inline ?? rest[0];
  if (!value || (inline === undefined && value.startsWith("--")))
    throw new UsageError(`Read ${name}: it needs a value, as in ${name} ${flag.takes}`);
  return [flag, value, inline === undefined ? rest.slice(1) : rest];
}

function suggest(word: string, known: readonly string[]): string {
  const [nearest] = known
    .map((candidate) => ({ candidate, distance: editDistance(word, candidate) }))
    .filter(({ candidate, distance }) => distance <= Math.max(2, Math.floor(candidate.length / 3)))
    .sort((a, b) => a.distance - b.distance);
  return nearest ? `; did you mean ${nearest.candidate}?` : "; see --help";
}

/** Levenshtein's: the fewest letters to insert, delete or replace. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1];
    for (const [column, other] of [...to].entries()) {
      const above = row[column + 1] ?? 0;
      const left = next[column] ?? 0;
      const diagonal = row[column] ?? 0;
      next.push(Math.min(above + 1, left + 1, diagonal + (letter === other ? 0 : 1)));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
