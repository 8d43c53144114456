/**
 * Extracts what a backend says when it fails, from any of the shapes that servers, gateways and web servers use. Only
 * finds the words; `read-error.ts` decides what they mean.
 */
import type { Quirks } from "../../catalog/quirks.ts";
import type { ErrorKind } from "../../errors.ts";
import { isObject, type JsonObject, parseJson } from "../../lib/json.ts";

export type Fault = {
  /** The innermost explanation as plain text, not yet redacted; empty if there is none. */
  readonly text: string;
  /** Every code, type and status word found anywhere, in lower case: `["context_length_exceeded"]`. */
  readonly codes: readonly string[];
  /** What one of them means at this backend, if it has codes of its own. */
  readonly codeKind: ErrorKind | undefined;
  /** The fields complained about, if named separately from the text: `["messages[1].name"]`. */
  readonly params: readonly string[];
  /** An HTTP status found in the body. */
  readonly status: number | undefined;
  /** Whether the body was JSON, and whether it was a web page. */
  readonly isJson: boolean;
  readonly isPage: boolean;
  /** Seconds to wait, said in the body. */
  readonly retryAfter: number | undefined;
  /** llama.cpp reports the sizes in fields of its own. */
  readonly promptTokens: number | undefined;
  readonly windowTokens: number | undefined;
};

const maxLayers = 8;
/** Longer than any real error; an endless body would make pattern matching slow. */
const maxText = 10_000;

/** `value` is a body's text or its parsed JSON. Never throws. */
export function readFault(value: unknown, { errors }: Quirks): Fault {
  const layers = unwrap(value);
  const details = layers.flatMap(({ details }) => (Array.isArray(details) ? details.filter(isObject) : []));
  const codes = [...layers.flatMap(codesOf), ...details.flatMap(quotasOf)];
  const innermost = layers.map(textOf).findLast((text) => text !== "");
  const provider = layers.map((layer) => string(metadata(layer)?.provider_name)).find((name) => name !== "");
  const plain = stripHtml((innermost ?? string(value)).slice(0, maxText));
  return {
    text: provider !== undefined && plain !== "" ? `${provider}: ${plain}` : plain,
    codes,
    codeKind: findKind(codes, errors.codes),
    params: layers.map((layer) => string(layer.param)).filter((param) => param !== ""),
    status: layers.map(statusOf).find((status) => status !== undefined),
    isJson: layers.length > 0,
    isPage: layers.length === 0 && /^\s*<(?:!doctype html|html|head|body|title)\b/i.test(string(value)),
    retryAfter: details.map(retryDelayOf).find((seconds) => seconds !== undefined) ?? readWait(plain),
    promptTokens: findNumber(layers, "n_prompt_tokens"),
    windowTokens: findNumber(layers, "n_ctx"),
  };
}

export type ErrorKinds = Readonly<Record<string, ErrorKind>>;

/** What the first known one of the codes means. */
export function findKind(codes: readonly string[], kinds: ErrorKinds): ErrorKind | undefined {
  const known = codes.find((code) => Object.hasOwn(kinds, code));
  return known === undefined ? undefined : kinds[known];
}

/** The objects that describe the error, outermost first: envelope, error, and what the provider behind it said. */
function unwrap(value: unknown): JsonObject[] {
  const layers: JsonObject[] = [];
  for (let next = value; next !== undefined && layers.length < maxLayers; ) {
    const layer = toObject(next);
    if (!layer) break;
    layers.push(layer);
    next = innerOf(layer);
  }
  return layers;
}

/** An object, the first one of a list (Gemini), or one quoted as a string or an event (gateways). */
function toObject(value: unknown): JsonObject | undefined {
  if (Array.isArray(value)) return value.find(isObject);
  if (typeof value === "string") {
    const text = /^\s*(?:event:.*\n)?data:(.*)/.exec(value)?.[1] ?? value;
    return /^\s*[[{]/.test(text) ? toObject(parseJson(text)) : undefined;
  }
  return isObject(value) ? value : undefined;
}

/** Where a more precise explanation may be, best first. */
const inners: readonly ((layer: JsonObject) => unknown)[] = [
  (layer) => metadata(layer)?.raw,
  (layer) => layer.error,
  (layer) => layer.base_resp,
  (layer) => layer.message,
  (layer) => (isObject(layer.detail) ? layer.detail : undefined),
  (layer) => layer.errors,
];

function innerOf(layer: JsonObject): unknown {
  return inners.map((read) => read(layer)).find((inner) => toObject(inner) !== undefined);
}

/** Where the words are, best first. */
const texts: readonly ((layer: JsonObject) => string)[] = [
  (layer) => string(metadata(layer)?.raw),
  (layer) => string(layer.error),
  (layer) => string(layer.message),
  (layer) => detailText(layer.detail),
  (layer) => string(layer.status_msg),
  (layer) => string(layer.msg),
];

function textOf(layer: JsonObject): string {
  for (const read of texts) {
    const text = read(layer);
    // Text that is JSON is a layer of its own, and comes first if it has words.
    if (text !== "") return text;
  }
  return "";
}

/** FastAPI: a string, or a list of problems and their places. */
function detailText(detail: unknown): string {
  if (!Array.isArray(detail)) return string(detail);
  return detail
    .filter(isObject)
    .map((one) => {
      const place = Array.isArray(one.loc) ? one.loc.filter((step) => step !== "body").join(".") : "";
      return place === "" ? string(one.msg) : `${place}: ${string(one.msg)}`;
    })
    .join("; ");
}

function codesOf(layer: JsonObject): string[] {
  const words = [
    layer.code,
    layer.type,
    layer.status,
    layer.status_code,
    layer.error_type,
    metadata(layer)?.error_type,
    field(layer.innererror, "code"),
  ];
  return words
    .filter((word) => typeof word === "string" || typeof word === "number")
    .map((code) => String(code).toLowerCase());
}

/** Names of exceeded quotas: `GenerateRequestsPerDayPerProjectPerModel-FreeTier`. Source: google.rpc.QuotaFailure. */
function quotasOf({ violations }: JsonObject): string[] {
  const list = Array.isArray(violations) ? violations.filter(isObject) : [];
  return list.map(({ quotaId }) => string(quotaId).toLowerCase()).filter((id) => id !== "");
}

/** Source: google.rpc.RetryInfo, `"retryDelay": "34.07s"`. */
function retryDelayOf({ retryDelay }: JsonObject): number | undefined {
  const seconds = /^(\d+(?:\.\d+)?)s$/.exec(string(retryDelay))?.[1];
  return seconds === undefined ? undefined : Number(seconds);
}

/** Seconds, from "Please try again in 7m12.5s" or "retry after 30 seconds". */
function readWait(text: string): number | undefined {
  const wait =
    /\b(?:try again|retry) (?:in|after) (?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d+)?) ?(ms|s|seconds?|minutes?|hours?)\b)?/i.exec(
      text,
    );
  const [, hours, minutes, rest, unit = ""] = wait ?? [];
  if (hours === undefined && minutes === undefined && rest === undefined) return undefined;
  const scale = unit === "ms" ? 0.001 : /^m/i.test(unit) ? 60 : /^h/i.test(unit) ? 3600 : 1;
  return Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(rest ?? 0) * scale;
}

function statusOf(layer: JsonObject): number | undefined {
  return [layer.code, layer.status, layer.statusCode]
    .map((value) => (typeof value === "number" || /^\d{3}$/.test(string(value)) ? Number(value) : 0))
    .find((status) => status >= 400 && status < 600);
}

function findNumber(layers: readonly JsonObject[], name: string): number | undefined {
  return layers.map((layer) => layer[name]).find((value) => typeof value === "number");
}

/** How a page begins, or parts that only pages have: `<year>` in an error is not a tag. */
const isHtml =
  /^\s*<(!doctype|html|head|body|title|h\d|p|div|center|pre)\b|<\/(html|head|body|title|h\d|p|div|a)>/i;

/** The text of an HTML error page; gateways answer with one when the server behind them is gone. */
function stripHtml(text: string): string {
  if (!isHtml.test(text)) return text.trim();
  return text
    .replace(/<(style|script|head)\b[\s\S]*?<\/\1\s*>/gi, (part) => /<title>[^<]*/i.exec(part)?.[0] ?? " ")
    .replace(/<[^>]*>/g, " ")
    .replace(/&nbsp;/g, " ")
    .replace(/\s+/g, " ")
    .trim();
}

function metadata(layer: JsonObject): JsonObject | undefined {
  return isObject(layer.metadata) ? layer.metadata : undefined;
}

function field(value: unknown, name: string): unknown {
  return isObject(value) ? value[name] : undefined;
}

function string(value: unknown): string {
  return typeof value === "string" ? value : "";
}
