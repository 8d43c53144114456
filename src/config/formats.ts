/** How the text of a variable is validated and what it becomes. Each message completes "NAME=text: …". */
import { z } from "zod";

/** Text, and the message if a required variable is missing. */
export const text = (missing = "it is required") => z.string(missing);

export const key = (missing?: string) =>
  text(missing).regex(/^[\x21-\x7e]+$/, "must be printable ASCII without spaces");

/** "" is only ever a default. */
export const modelName = () => text().regex(/^\P{Cc}{0,256}$/u, "must be a model name on one line");

export function integer(from: number, to: number) {
  const allowed = `must be a whole number from ${from} to ${to}`;
  return text()
    .regex(/^\d{1,15}$/, allowed)
    .transform(Number)
    .refine((value) => value >= from && value <= to, allowed);
}

export function seconds() {
  const allowed = "must be a number of seconds, above 0 and at most 86400";
  return text()
    .regex(/^\d{1,6}(\.\d+)?$/, allowed)
    .transform(Number)
    .refine((value) => value > 0 && value <= 86_400, allowed);
}

export function dollars() {
  const allowed = "must be a number of US dollars above 0, such as 25 or 2.50";
  return text()
    .regex(/^\d{1,9}(\.\d+)?$/, allowed)
    .transform(Number)
    .refine((value) => value > 0, allowed);
}

export function workers() {
  const allowed = "must be auto or a whole number from 1 to 256";
  return text()
    .regex(/^(?:auto|\d{1,3})$/i, allowed)
    .transform((given) => (/^auto$/i.test(given) ? ("auto" as const) : Number(given)))
    .refine((count) => count === "auto" || (count >= 1 && count <= 256), allowed);
}

/** One of these words, in any case. */
export function oneOf<const Word extends string>(words: readonly Word[]) {
  const byName = new Map<string, Word>(words.map((word) => [word.toLowerCase(), word]));
  return text().transform((given, context) => {
    const word = byName.get(given.toLowerCase());
    if (word !== undefined) return word;
    context.addIssue(`must be one of ${words.join(", ")}`);
    return z.NEVER;
  });
}

export const baseUrl = () =>
  text()
    .refine(
      isBaseUrl,
      "must be an http:// or https:// URL without user, password, query or fragment, such as https://host/v1",
    )
    .transform((url) => url.replace(/\/+$/, ""));

function isBaseUrl(url: string): boolean {
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
  text()
    .regex(/^(?:[\w.:-]+|\[[\da-fA-F:]+\])$/, "must be a host name or an IP address")
    .transform((name) => name.replace(/^\[|\]$/g, ""));

export const origins = () =>
  text()
    .transform((list) => list.split(",").map((item) => item.trim().replace(/\/$/, "")))
    .refine(
      (list) => list.every(isOrigin),
      "must be web origins such as https://app.example, separated by commas; * is not one",
    );

function isOrigin(origin: string): boolean {
  return /^https?:\/\//.test(origin) && URL.parse(origin)?.origin === origin;
}

/** Names by which clients may call the server: exact, so without port and wildcard. */
export const hostNames = () =>
  text()
    .transform((list) => list.split(",").map((item) => item.trim().toLowerCase()))
    .refine(
      (list) => list.every((name) => /^[\w.-]+$/.test(name)),
      "must be host names without port, such as proxy.example, separated by commas; * is not one",
    );

/** Variables that share a prefix, each with the value of a header: `PREFIX_X_TITLE` sets `X-Title`. */
export const headers = (prefix: string) =>
  z.record(z.string(), z.string()).transform((given, context) => {
    const named = Object.entries(given).map(([variable, value]) => {
      const header = toHeaderName(variable.slice(prefix.length));
      const message = findHeaderProblem(header, value);
      if (message !== undefined) context.addIssue({ code: "custom", path: [variable], message });
      return [header, value] as const;
    });
    return Object.fromEntries(named);
  });

/** Headers by their own names. */
export const headerSet = () =>
  z.record(z.string(), z.string()).check(({ value, issues }) => {
    for (const [name, text] of Object.entries(value)) {
      const message = findHeaderProblem(name, text);
      if (message !== undefined) issues.push({ code: "custom", path: [name], message, input: text });
    }
  });

/** Headers as OpenTelemetry's variables list them: `name=value`, comma-separated, values encoded as in a URL. */
export const headerList = () =>
  text()
    .transform((list, context): unknown => {
      const pairs = list.split(",").map((item) => /^\s*([^=\s]+)\s*=\s*(.*?)\s*$/.exec(item));
      if (pairs.some((pair) => pair === null)) {
        context.addIssue("must be name=value, with commas between several");
        return z.NEVER;
      }
      return Object.fromEntries(pairs.map((pair) => [pair?.[1]?.toLowerCase(), decode(pair?.[2] ?? "")]));
    })
    .pipe(headerSet());

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

function findHeaderProblem(name: string, value: string): string | undefined {
  if (!/^[!#$%&'*+.^`|~\w-]+$/.test(name))
    return "must be or end in a header name, written with letters, digits and _";
  if (framing.test(name)) return `must name another header: the proxy sets ${name} itself`;
  if (!/^[\t\x20-\x7e]*$/.test(value)) return "must be one line of printable ASCII";
  return undefined;
}
