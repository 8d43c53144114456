/**
 * How the text of a variable becomes its value. Each message completes "NAME=text: …".
 *
 * Plain functions, because every start reads all variables: the same as schemas took 8 ms and 8 MB of it.
 */

import { findNearest } from "../lib/suggest-word.ts";

/** What is given for a row: a text, or those of all variables with its prefix. */
type Given = string | Readonly<Record<string, string>> | undefined;

/** Reads what is given. Throws a `Misfit` if that is not valid, or missing and required. */
export type Format<Value> = (given: Given) => Value;

type Problem = {
  readonly message: string;
  /** Which variable or header is wrong, if it is one of several. */
  readonly name?: string;
};

/** What is wrong with a text. */
export class Misfit extends Error {
  override readonly name = "Misfit";
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(({ message }) => message).join("; "));
    this.problems = problems;
  }
}

/** @throws Misfit */
export function refuse(message: string): never {
  throw new Misfit([{ message }]);
}

/** @param missing the message if there is no text */
export function formatOf<Value>(read: (text: string) => Value, missing = "it is required"): Format<Value> {
  return (given) => (typeof given === "string" ? read(given) : refuse(missing));
}

/** The same without a text: undefined then. */
export function optional<Value>(format: Format<Value>): Format<Value | undefined> {
  return (given) => (given === undefined ? undefined : format(given));
}

export const text = () => formatOf((given) => given);

export function matching(pattern: RegExp, message: string, missing?: string): Format<string> {
  return formatOf((given) => (pattern.test(given) ? given : refuse(message)), missing);
}

export const key = (missing?: string) =>
  matching(/^[\x21-\x7e]+$/, "must be printable ASCII without spaces", missing);

/** "" is only ever a default. */
export const modelName = () => matching(/^\P{Cc}{0,256}$/u, "must be a model name on one line");

function numeric(form: RegExp, isAllowed: (value: number) => boolean, allowed: string): Format<number> {
  return formatOf((given) => {
    const value = Number(given);
    return form.test(given) && isAllowed(value) ? value : refuse(allowed);
  });
}

export const integer = (from: number, to: number) =>
  numeric(
    /^\d{1,15}$/,
    (value) => value >= from && value <= to,
    `must be a whole number from ${from} to ${to}`,
  );

export const seconds = () =>
  numeric(
    /^\d{1,6}(\.\d+)?$/,
    (value) => value > 0 && value <= 86_400,
    "must be a number of seconds, above 0 and at most 86400",
  );

export const dollars = () =>
  numeric(
    /^\d{1,9}(\.\d+)?$/,
    (value) => value > 0,
    "must be a number of US dollars above 0, such as 25 or 2.50",
  );

export function workers(): Format<number | "auto"> {
  const count = numeric(
    /^\d{1,3}$/,
    (value) => value >= 1 && value <= 256,
    "must be auto or a whole number from 1 to 256",
  );
  return (given) => (typeof given === "string" && /^auto$/i.test(given) ? "auto" : count(given));
}

/** One of these words, in any case. */
export function oneOf<const Word extends string>(words: readonly Word[]): Format<Word> {
  const lowers = words.map((word) => word.toLowerCase());
  const find = (lower: string | undefined) => words.find((_, at) => lowers[at] === lower);
  return formatOf((given) => {
    const lower = given.toLowerCase();
    const found = find(lower);
    if (found !== undefined) return found;
    const meant = find(findNearest(lower, lowers));
    const advice = meant === undefined ? "" : `; did you mean ${meant}?`;
    return refuse(`must be one of ${words.join(", ")}${advice}`);
  });
}

/** What the address of a backend must be. */
export const baseUrlRule =
  "must be an http:// or https:// URL without user, password, query or fragment, such as https://host/v1";

export const baseUrl = () =>
  formatOf((url) => (isBaseUrl(url) ? url.replace(/\/+$/, "") : refuse(baseUrlRule)));

export function isBaseUrl(url: string): boolean {
  const parsed = URL.parse(url);
  if (!parsed || !/^https?:\/\//i.test(url)) return false;
  // An empty query or fragment leaves no trace in the URL but would swallow the path we append.
  return parsed.username === "" && parsed.password === "" && !/[?#\s]/.test(url);
}

/**
 * What a message may show of a value that was refused, because a key can be in any variable by mistake: an address up
 * to its host, a short text, or only how long it is.
 */
export function showValue(value: string): string {
  const address = /^([a-z]{2,10}:\/\/)(?:[^/?#]*@)?([a-z\d.:[\]-]{1,64})([/?#].*)?$/i.exec(value);
  if (address) return JSON.stringify(`${address[1]}${address[2]}${address[3] ? "/…" : ""}`);
  return value.length <= maxShownLength ? JSON.stringify(value) : hideValue(value);
}

export function hideValue({ length }: string): string {
  return `(hidden, ${length === 1 ? "1 character" : `${length} characters`})`;
}

/** Shorter than any key of a backend. */
const maxShownLength = 12;

/** A host name or an IP address, without the brackets of IPv6. */
export const host = () =>
  formatOf((name) =>
    /^(?:[\w.:-]+|\[[\da-fA-F:]+\])$/.test(name)
      ? name.replace(/^\[|\]$/g, "")
      : refuse("must be a host name or an IP address"),
  );

/** A list with commas. Without a text it is empty. */
function listOf(
  tidy: (item: string) => string,
  isAllowed: (item: string) => boolean,
  allowed: string,
): Format<readonly string[]> {
  return (given) => {
    if (typeof given !== "string") return [];
    const items = given.split(",").map((item) => tidy(item.trim()));
    return items.every(isAllowed) ? items : refuse(allowed);
  };
}

export const origins = () =>
  listOf(
    (item) => item.replace(/\/$/, ""),
    isOrigin,
    "must be web origins such as https://app.example, separated by commas; * is not one",
  );

function isOrigin(origin: string): boolean {
  return /^https?:\/\//.test(origin) && URL.parse(origin)?.origin === origin;
}

/** Names by which clients may call the server: exact, so without port and wildcard. */
export const hostNames = () =>
  listOf(
    (item) => item.toLowerCase(),
    (name) => /^[\w.-]+$/.test(name),
    "must be host names without port, such as proxy.example, separated by commas; * is not one",
  );

type Headers = Readonly<Record<string, string>>;

/** Variables that share a prefix, each with the value of a header: `PREFIX_X_TITLE` sets `X-Title`. */
export function headers(prefix: string): Format<Headers> {
  return (given) => {
    const named = Object.entries(typeof given === "object" ? given : {}).map(([name, value]) => ({
      name,
      header: toHeaderName(name.slice(prefix.length)),
      value,
    }));
    const problems = named.flatMap(({ name, header, value }) => {
      const message = findHeaderProblem(header, value);
      return message === undefined ? [] : [{ name, message }];
    });
    if (problems.length > 0) throw new Misfit(problems);
    return Object.fromEntries(named.map(({ header, value }) => [header, value]));
  };
}

/** Headers as OpenTelemetry's variables list them: `name=value`, comma-separated, values encoded as in a URL. */
export function headerList(): Format<Headers> {
  return (given) => {
    if (typeof given !== "string") return {};
    const pairs = given.split(",").map((item) => {
      const [, name, value] = /^\s*([^=\s]+)\s*=\s*(.*?)\s*$/.exec(item) ?? [];
      if (name === undefined) return refuse("must be name=value, with commas between several");
      return [name.toLowerCase(), decode(value ?? "")] as const;
    });
    for (const [name, value] of pairs) {
      const message = findHeaderProblem(name, value);
      if (message !== undefined) refuse(message);
    }
    return Object.fromEntries(pairs);
  };
}

function decode(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}

function toHeaderName(name: string): string {
  const words = name.toLowerCase().split("_");
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("-");
}

/** Headers that control the framing or transport of a message; other values would break or smuggle requests. */
const framing =
  /^(host|connection|content-.+|transfer-encoding|te|trailer|upgrade|expect|keep-alive|proxy-.+|accept-encoding)$/i;

export function findHeaderProblem(name: string, value: string): string | undefined {
  if (!/^[!#$%&'*+.^`|~\w-]+$/.test(name))
    return "must be or end in a header name, written with letters, digits and _";
  if (framing.test(name)) return `must name another header: the proxy sets ${name} itself`;
  if (!/^[\t\x20-\x7e]*$/.test(value)) return "must be one line of printable ASCII";
  return undefined;
}
