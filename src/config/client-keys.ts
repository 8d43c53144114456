/**
 * The keys of named clients: `NAME:KEY`, in a list or on the lines of a file. A key may be written as its SHA-256, so
 * that reading the file is not enough to use it. Keys are random, so a hash without salt is enough, and fast enough for
 * every request.
 */
import { type Format, formatOf, Misfit, refuse } from "./formats.ts";

type ClientKey = {
  readonly name: string;
  /** The SHA-256 of the key, in hexadecimal digits. */
  readonly digest: string;
  /** The key itself, if it was given. */
  readonly key: string | undefined;
};

type ClientKeys = {
  /** A client may have several keys. */
  readonly keys: readonly ClientKey[];
  /** Where keys still have to be read from. */
  readonly file: string | undefined;
};

export function digestKey(key: string): string {
  return Bun.CryptoHasher.hash("sha256", key, "hex");
}

const namePattern = /^[a-z\d][\w.@+-]{0,63}$/i;

const expected = "must be NAME:KEY, with commas between several, or the path of a file with one on each line";

/** A list, or a path: a path begins with a slash or a Windows drive, or has no colon. */
export function clientKeys(): Format<ClientKeys> {
  return (given) => {
    if (typeof given !== "string") return { keys: [], file: undefined };
    if (isPath(given)) return { keys: [], file: given };
    const { keys, problems } = readEntries(given.split(",").map((entry) => entry.trim()));
    if (problems.length > 0)
      throw new Misfit(
        problems.map(([place, problem]) => ({
          message: place === undefined ? problem : `${expected}; in number ${place}, ${problem}`,
        })),
      );
    return keys.length === 0 ? refuse(expected) : { keys, file: undefined };
  };
}

function isPath(given: string): boolean {
  return /^(?:\.{0,2}[\\/]|[a-z]:[\\/])/i.test(given) || !given.includes(":");
}

/** Whether a text can only be meant as a path. A word alone may be a key whose name was forgotten, or the name of a file. */
export function looksLikePath(given: string): boolean {
  return /^\.{0,2}[\\/]|^[a-z]:[\\/]|\.(?:txt|keys|conf|cfg|env|list)$/i.test(given);
}

/** US dollars: one number for all clients, or `NAME:DOLLARS` each, with `*` for those that are not listed. */
export const clientLimits = () =>
  formatOf((given): Readonly<Record<string, number>> => {
    const entries = /^[\d.]+$/.test(given) ? [`*:${given}`] : given.split(",").map((entry) => entry.trim());
    const pairs = entries.map((entry) => {
      const [, name = "", amount = ""] = /^([^:]+):(\d{1,9}(?:\.\d+)?)$/.exec(entry) ?? [];
      return [name, Number(amount)] as const;
    });
    if (pairs.some(([name, amount]) => !(name === "*" || namePattern.test(name)) || !(amount > 0)))
      refuse("must be US dollars above 0, such as 5, or NAME:DOLLARS with commas between several");
    return Object.fromEntries(pairs);
  });

/** What may be a key in the text of the variable, whether or not that is valid. */
export function keysIn(given: string): string[] {
  // Without a colon it is read as a path, and yet it may be a key whose name was forgotten.
  if (isPath(given.trim())) return looksLikePath(given.trim()) ? [] : [given.trim()];
  return given.split(",").map((entry) => entry.trim().replace(/^[^:]*:/, ""));
}

type Entries = {
  readonly keys: readonly ClientKey[];
  /** With the number of the entry, if the problem is in one entry. */
  readonly problems: readonly (readonly [place: number | undefined, problem: string])[];
};

/** Reads a file's text. Lines that are empty or begin with `#` say nothing. */
export function readClientFile(content: string): Entries {
  return readEntries(content.split("\n").map((line) => (isComment(line) ? "" : line.trim())));
}

/** The text with a hash in place of each key, line by line. */
export function hashClientFile(content: string): string {
  return content
    .split("\n")
    .map((line) => {
      const entry = isComment(line) ? undefined : readEntry(line.trim());
      return typeof entry === "object" && entry.key !== undefined
        ? `${entry.name}:sha256:${entry.digest}`
        : line;
    })
    .join("\n");
}

const isComment = (line: string): boolean => /^\s*(?:#|$)/.test(line);

function readEntries(entries: readonly string[]): Entries {
  const keys: ClientKey[] = [];
  const problems: [number | undefined, string][] = [];
  const owners = new Map<string, string>();
  for (const [index, entry] of entries.entries()) {
    if (entry === "") continue;
    const read = readEntry(entry);
    if (typeof read === "string") {
      problems.push([index + 1, read]);
      continue;
    }
    const owner = owners.get(read.digest);
    if (owner !== undefined && owner !== read.name)
      problems.push([undefined, `must not give ${owner} and ${read.name} the same key`]);
    owners.set(read.digest, read.name);
    keys.push(read);
  }
  return { keys, problems };
}

/** An entry, or what is wrong with it. Messages show no part that may be a key. */
function readEntry(entry: string): ClientKey | string {
  const [, name, key] = /^([^:]*):(.*)$/s.exec(entry) ?? [];
  if (name === undefined || key === undefined) return "there is no colon";
  if (!namePattern.test(name))
    return "the name must begin with a letter or digit, and have only letters, digits and . _ - + @, at most 64";
  if (!/^[\x21-\x7e]+$/.test(key)) return `the key of ${name} must be printable ASCII without spaces`;
  const digest = /^sha256:([\da-f]{64})$/i.exec(key)?.[1]?.toLowerCase();
  if (digest === undefined && /^sha256:/i.test(key))
    return `the hash of ${name} must have 64 hexadecimal digits after sha256:`;
  return digest === undefined ? { name, digest: digestKey(key), key } : { name, digest, key: undefined };
}
