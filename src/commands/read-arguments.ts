/** Reads the command line. */

import type { VariableName } from "../config/variables.ts";
import { listWords } from "../lib/list-words.ts";
import { findNearest, suggest } from "../lib/suggest-word.ts";
import type { Cassette } from "../upstream/transport/cassette/tape.ts";
import {
  type CommandName,
  commands,
  commandsWith,
  commonFlags,
  type FlagName,
  flags,
  namesOf,
  type Shell,
  shells,
  type UsageFormat,
  type UsageGrouping,
  usageGroupings,
} from "./command-table.ts";

/** The choices common to all commands that start a proxy. */
export type ProxyChoice = {
  /** Values of flags, under the variables they set. */
  readonly settings: Readonly<Partial<Record<VariableName, string>>>;
  readonly envFile: string | undefined;
  readonly configFile: string | undefined;
  readonly demo: boolean;
  readonly cassette: Cassette | undefined;
  /** The backend's key is the first line of stdin. */
  readonly keyFromStdin: boolean;
};

export type Invocation =
  | { readonly command: "help"; readonly manual: boolean; readonly topic?: CommandName }
  | (ProxyChoice & { readonly command: "doctor"; readonly json: boolean; readonly color: boolean })
  | (ProxyChoice & { readonly command: "models" | "config"; readonly json: boolean })
  | (ProxyChoice & {
      readonly command: "init";
      readonly backend: string | undefined;
      readonly force: boolean;
    })
  | (ProxyChoice & {
      readonly command: "usage";
      readonly by: UsageGrouping;
      readonly since: string | undefined;
      readonly format: UsageFormat;
    })
  | (ProxyChoice & { readonly command: "top"; readonly url: string | undefined; readonly color: boolean })
  | { readonly command: "version"; readonly json: boolean }
  | { readonly command: "completions"; readonly shell: Shell }
  | (ProxyChoice & { readonly command: "serve"; readonly readyFile: string | undefined })
  | (ProxyChoice & { readonly command: "run"; readonly program: string; readonly words: readonly string[] });

/** The invocation of one of several commands. */
export type InvocationOf<Name extends Invocation["command"]> = Extract<Invocation, { command: Name }>;

/** A command line that is not understood. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The given flags and their values; "" for flags without a value. */
type Given = Readonly<Partial<Record<FlagName, string>>>;

/**
 * Reads the words after the program's name. `--help` and `--version` override everything else that can be read, up to
 * a `--` or the command that `run` is to start.
 * @throws UsageError for an unknown word or flag, a flag of another command, and a flag without its value
 */
export function readArguments(words: readonly string[]): Invocation {
  const [named, rest] = readCommand(words);
  const [given, operands] = readFlags(rest, named === "run");
  const command = "--help" in given ? "help" : "--version" in given ? "version" : named;
  const stray = namesOf(given).find((flag) => !goesWith(flag, named) && !goesWith(flag, command));
  if (stray) throw new UsageError(describeStray(stray));
  switch (command) {
    case "help":
      return { command, manual: "--man" in given, ...readTopic(named, words, operands) };
    case "init":
      refuseMore(operands);
      return { command, ...chooseProxy(given), backend: given["--backend"], force: "--force" in given };
    case "doctor":
      refuseMore(operands);
      return { command, ...chooseProxy(given), json: "--json" in given, color: !("--no-color" in given) };
    case "models":
    case "config":
      refuseMore(operands);
      return { command, ...chooseProxy(given), json: "--json" in given };
    case "usage":
      refuseMore(operands);
      return { command, ...chooseProxy(given), ...chooseUsage(given) };
    case "top":
      return { command, ...chooseProxy(given), url: readUrl(operands), color: !("--no-color" in given) };
    case "version":
      refuseMore(operands);
      return { command, json: "--json" in given };
    case "completions":
      return { command, shell: readShell(operands) };
    case "serve":
      refuseMore(operands);
      return { command, ...chooseProxy(given), readyFile: given["--ready-file"] };
    case "run":
      return { command, ...chooseProxy(given), ...readProgram(operands) };
    default:
      return command satisfies never;
  }
}

function readCommand(words: readonly string[]): [CommandName, readonly string[]] {
  const [first, ...rest] = words;
  if (first === undefined || first.startsWith("-")) return ["serve", words];
  const known = namesOf(commands);
  const command = known.find((name) => name === first);
  if (!command) throw new UsageError(`There is no command ${first}; ${adviseCommand(first)}`);
  return [command, rest];
}

function adviseCommand(word: string): string {
  const known = namesOf(commands);
  const meant =
    known.find((name) => commands[name].alsoCalled?.includes(word.toLowerCase())) ??
    namesOf(flags).find((flag) => flag === `--${word}`) ??
    findNearest(word, known);
  // A program is not meant if the word is nearly one of ours.
  return meant === undefined ? `to start a program, write run -- ${word}` : `did you mean ${meant}?`;
}

/** What a flag that does not go with the command is for. */
function describeStray(flag: FlagName): string {
  const users = commandsWith(flag);
  const { variable } = flags[flag];
  // `init` writes variables, which the other commands read.
  const otherwise = users.includes("init") && variable ? `; otherwise set ${variable}` : "";
  return `${flag} works only with ${listWords(users, "and")}${otherwise}`;
}

/**
 * Separates the flags from the other words; after a `--`, everything is a word.
 * @param endAtWord the first word that is no flag ends the flags as well
 */
function readFlags(words: readonly string[], endAtWord: boolean): [Given, readonly string[]] {
  const given: Partial<Record<FlagName, string>> = {};
  const operands: string[] = [];
  let rest = words;
  for (let [word] = rest; word !== undefined; [word] = rest) {
    if (word === "--") return [given, [...operands, ...rest.slice(1)]];
    if (word.startsWith("-")) {
      const [name, value, after] = readFlag(word, rest.slice(1));
      given[name] = value;
      rest = after;
    } else {
      if (endAtWord) return [given, rest];
      operands.push(word);
      rest = rest.slice(1);
    }
  }
  return [given, operands];
}

const shortFlags: ReadonlyMap<string, FlagName> = new Map([
  ["-h", "--help"],
  ["-V", "--version"],
]);

/** A flag, its value ("" if it takes none), and the words after both. */
function readFlag(word: string, rest: readonly string[]): [FlagName, string, readonly string[]] {
  const [, written = word, inline] = /^(-[^=]*)=(.*)$/s.exec(word) ?? [];
  const known = namesOf(flags);
  const name = known.find((flag) => flag === (shortFlags.get(written) ?? written));
  if (!name) throw new UsageError(`There is no flag ${written}${suggestFlag(written)}`);
  const { takes } = flags[name];
  if (!takes) {
    if (inline !== undefined) throw new UsageError(`${name} takes no value`);
    return [name, "", rest];
  }
  const value = inline ?? rest[0];
  if (!value || (inline === undefined && value.startsWith("--")))
    throw new UsageError(`${name} needs a value, as in ${name} ${takes}`);
  return [name, value, inline === undefined ? rest.slice(1) : rest];
}

/** A single letter may be meant as the only flag that begins with it. */
function suggestFlag(written: string): string {
  const known = namesOf(flags);
  const [only, ...more] = /^-[a-z]$/.test(written)
    ? known.filter((flag) => flag.startsWith(`-${written}`))
    : [];
  return only !== undefined && more.length === 0 ? `; did you mean ${only}?` : suggest(written, known);
}

function goesWith(flag: FlagName, command: CommandName): boolean {
  return commonFlags.some((common) => common === flag) || commands[command].flags.includes(flag);
}

function chooseProxy(given: Given): ProxyChoice {
  const settings: Partial<Record<VariableName, string>> = {};
  for (const name of namesOf(given)) {
    const { variable } = flags[name];
    if (variable) settings[variable] = given[name] ?? "";
  }
  return {
    settings,
    envFile: given["--env-file"],
    configFile: given["--config"],
    demo: "--demo" in given,
    cassette: chooseCassette(given),
    keyFromStdin: "--api-key-stdin" in given,
  };
}

function chooseCassette(given: Given): Cassette | undefined {
  const { "--record": recorded, "--trace": traced, "--replay": replayed } = given;
  const timed = "--timed" in given;
  if (replayed === undefined) {
    if (timed) throw new UsageError("--timed works only with --replay");
    if (recorded !== undefined && traced !== undefined)
      throw new UsageError("--record cannot be combined with --trace, which records as well");
    if (traced !== undefined) return { mode: "trace", directory: traced };
    return recorded === undefined ? undefined : { mode: "record", directory: recorded };
  }
  const other = (["--record", "--trace", "--demo", "--api-key-stdin"] as const).find((flag) => flag in given);
  if (other) throw new UsageError(`--replay cannot be combined with ${other}`);
  return { mode: "replay", directory: replayed, timed };
}

function readUrl([url, ...more]: readonly string[]): string | undefined {
  refuseMore(more);
  if (url === undefined) return undefined;
  // A number alone would be an address of the Internet.
  const address = url.replace(/^:?(?=\d{1,5}$)/, "127.0.0.1:");
  const parsed = URL.parse(/^[a-z][a-z\d+.-]*:\/\//i.test(address) ? address : `http://${address}`);
  if (!parsed || !/^https?:$/.test(parsed.protocol) || `${parsed.username}${parsed.password}` !== "")
    throw new UsageError(
      "Cannot watch: this is not the address of a proxy; write one such as http://127.0.0.1:8082",
    );
  return `${parsed.origin}${parsed.pathname.replace(/\/+$/, "")}`;
}

function chooseUsage(given: Given): { by: UsageGrouping; since: string | undefined; format: UsageFormat } {
  const by = usageGroupings.find((known) => known === (given["--by"] ?? usageGroupings[0]));
  if (!by)
    throw new UsageError(`Cannot sum up by ${given["--by"]}: choose one of ${usageGroupings.join(", ")}`);
  if ("--json" in given && "--csv" in given) throw new UsageError("--json cannot be combined with --csv");
  const format = "--json" in given ? "json" : "--csv" in given ? "csv" : "text";
  return { by, since: given["--since"], format };
}

function readProgram([program, ...words]: readonly string[]): { program: string; words: readonly string[] } {
  if (program) return { program, words };
  throw new UsageError("Cannot run: no command was given; put it after two dashes, as in run -- claude");
}

/** Which command is to be explained: the word after `help`, or the command whose flag is `--help`. */
function readTopic(
  named: CommandName,
  [first]: readonly string[],
  [word, ...more]: readonly string[],
): { topic?: CommandName } {
  if (named !== "help") return first === named ? { topic: named } : {};
  refuseMore(more);
  if (word === undefined) return {};
  const known = namesOf(commands);
  const topic = known.find((name) => name === word);
  if (!topic) throw new UsageError(`There is no help for ${word}${suggest(word, known)}`);
  return { topic };
}

function readShell([first, ...more]: readonly string[]): Shell {
  const shell = shells.find((known) => known === first);
  if (!shell) {
    const problem = first === undefined ? "no shell was named" : `${first} is not supported`;
    throw new UsageError(`Cannot print completions: ${problem}; choose one of ${shells.join(", ")}`);
  }
  refuseMore(more);
  return shell;
}

function refuseMore([word]: readonly string[]): void {
  if (word === undefined) return;
  const isCommand = namesOf(commands).some((name) => name === word);
  throw new UsageError(
    `Unexpected argument ${word}; ${isCommand ? "a command comes first, before the flags" : "see --help"}`,
  );
}
