/**
 * Parses the chunks of one stream. Nearly all of them differ from the one before in a single string, the next few
 * letters of the answer; parsing all the rest again is most of what a chunk costs.
 *
 * So the text of a chunk is remembered around that string. A chunk with the same text before and after it is, by the
 * grammar of JSON, the same value with another string in that place. There is no second grammar: any chunk that
 * differs in more is parsed. Only the last member may differ as well if it is a string of letters, as in the padding
 * that OpenAI adds to each chunk (`obfuscation`).
 */
import { copyText } from "../../../lib/copy-text.ts";
import { isObject, type JsonObject, parseJson } from "../../../lib/json.ts";
import { findPartEnd, type Outline } from "../../../lib/read-sse-run.ts";
import { findStringEnd } from "../../../lib/scan-json.ts";

/** A parsed chunk, and the text around one string in it, without its quotes. */
export type Pattern = Outline & {
  readonly chunk: JsonObject;
  /** Contains the string. */
  readonly holder: JsonObject;
  readonly key: string;
  /** The last member of the chunk, if that may differ. */
  readonly padding: string | undefined;
};

/**
 * Learning a pattern takes a second parse, which pays only if it is used. Servers that number their chunks never
 * repeat one, and are left alone after a few attempts.
 */
export const maxCredit = 4;

/** A string without escapes: it means what it says. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids exactly these in a string.
const plain = /^[^"\\\u0000-\u001f]*$/;

export class ChunkParser {
  /** What nearly all chunks of now look like, if that is known. */
  pattern: Pattern | undefined;
  /** How many more patterns may be learned until one is of use; `maxCredit` since one was. */
  credit = maxCredit;
  /** The last chunk, if it is to be learned from. That waits for the next one, so that no client waits for it. */
  #parsed: { readonly data: string; readonly chunk: unknown } | undefined;

  /** Parses the data of one event; undefined if it is not JSON. The result is valid until the next call. */
  parse(data: string): unknown {
    const usual = readUsual(data, this.pattern) ?? readUsual(data, this.#learn());
    if (usual) {
      this.#parsed = undefined;
      this.credit = maxCredit;
      return usual;
    }
    const chunk = parseJson(data);
    const isToLearn = this.credit > 0 && findPlace(chunk) !== undefined;
    this.#parsed = isToLearn ? { data: copyText(data), chunk } : undefined;
    return chunk;
  }

  /** Drops the text of the last chunk, which would keep a whole read in memory until the next one, minutes later. */
  forgetText(): void {
    if (this.pattern) emptyChunk(this.pattern);
  }

  #learn(): Pattern | undefined {
    if (!this.#parsed) return undefined;
    this.credit -= 1;
    this.pattern = findPattern(this.#parsed.data, this.#parsed.chunk);
    return this.pattern;
  }
}

/** The pattern's chunk with what is other in this one; undefined if that is not all. */
function readUsual(data: string, pattern: Pattern | undefined): JsonObject | undefined {
  if (!pattern || !data.startsWith(pattern.before)) return undefined;
  const { before, after, end, chunk, holder, key, padding } = pattern;
  const at = findPartEnd(data, before.length, data.length, after, end);
  const text = at === -1 ? undefined : readString(data.slice(before.length, at));
  if (text === undefined) return undefined;
  holder[key] = text;
  if (padding !== undefined) chunk[padding] = data.slice(at + after.length, data.length - (end?.length ?? 0));
  return chunk;
}

/** The value of what is between the quotes of a JSON string; undefined if it is more than that. */
function readString(inner: string): string | undefined {
  if (plain.test(inner)) return inner;
  const value = parseJson(`"${inner}"`);
  return typeof value === "string" ? value : undefined;
}

/** The pattern of a chunk that has a piece of an answer; undefined for all others. */
function findPattern(data: string, chunk: unknown): Pattern | undefined {
  const place = findPlace(chunk);
  if (!place) return undefined;
  const opening = findOpening(data, place.key);
  if (opening === undefined) return undefined;
  const before = data.slice(0, opening);
  const rest = data.slice(findStringEnd(data, opening - 1));
  const [, after = rest, padding, end] = paddedRest.exec(rest) ?? [];
  // A key of this name may be anywhere. Another string shows whether this is the place.
  const probe = `${String(place.holder[place.key])}x`;
  const probedRest = end === undefined ? after : `${after}x${end}`;
  const probed = parseJson(before + JSON.stringify(probe).slice(1, -1) + probedRest);
  const found = findPlace(probed);
  if (!isObject(probed) || !found || found.key !== place.key || found.holder[found.key] !== probe)
    return undefined;
  if (padding !== undefined && probed[padding] !== "x") return undefined;
  const pattern = { chunk: probed, holder: found.holder, key: found.key, padding };
  emptyChunk(pattern);
  // The string between them may be long; if it is short, they may keep it.
  if (data.length < 2 * (before.length + after.length)) return { ...pattern, before, after, end };
  return { ...pattern, before: copyText(before), after: copyText(after), end: end && copyText(end) };
}

/** Takes out of the chunk what differs in the next one. */
export function emptyChunk({ chunk, holder, key, padding }: Omit<Pattern, keyof Outline>): void {
  holder[key] = "";
  if (padding !== undefined) chunk[padding] = "";
}

/** The rest of a chunk whose last member is a string of letters and digits: up to that, its name, and what follows. */
const paddedRest = /^(.*,\s?"(\w+)":\s?")[a-zA-Z0-9]*("\s?\}\s*)$/s;

/** Where a delta has its piece of the answer, in the usual fields. */
function findPlace(chunk: unknown): Pick<Pattern, "holder" | "key"> | undefined {
  const choice = isObject(chunk) && Array.isArray(chunk.choices) ? chunk.choices[0] : undefined;
  const delta = isObject(choice) ? choice.delta : undefined;
  if (!isObject(delta)) return undefined;
  const call = Array.isArray(delta.tool_calls) ? delta.tool_calls[0] : undefined;
  if (isObject(call)) {
    const details = call.function;
    return isObject(details) && hasText(details, "arguments")
      ? { holder: details, key: "arguments" }
      : undefined;
  }
  const key = ["content", "reasoning_content", "reasoning"].find((name) => hasText(delta, name));
  return key === undefined ? undefined : { holder: delta, key };
}

function hasText(holder: JsonObject, key: string): boolean {
  return typeof holder[key] === "string" && holder[key] !== "";
}

/** Behind the quote that opens the value of the last such key; its value need not be the one meant. */
function findOpening(data: string, key: string): number | undefined {
  const name = `"${key}":`;
  const at = data.lastIndexOf(name);
  if (at === -1) return undefined;
  const value = data.charAt(at + name.length) === " " ? at + name.length + 1 : at + name.length;
  return data.charAt(value) === '"' ? value + 1 : undefined;
}
