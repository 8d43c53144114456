/**
 * Turns a client's body into a request that the rest of the program can trust. Problems are reported in
 * Anthropic's format, `<field path>: <reason>`, because clients look for it.
 */

import type { z } from "zod/mini";
import { ProxyError } from "../errors.ts";
import { asBuffer } from "../lib/as-buffer.ts";
import { isObject, type JsonObject } from "../lib/json.ts";
import { listWords } from "../lib/list-words.ts";
import { isNestedDeeper, maxDepth } from "../lib/scan-json.ts";
import { type Body, restoreAttachments } from "./cut-attachments.ts";
import { findItems } from "./find-items.ts";
import { type KnownParts, minPartLength } from "./known-parts.ts";
import { withParts } from "./read-parts.ts";
import { findBreach } from "./request-bounds.ts";
import {
  type CountTokensRequest,
  countTokensRequest,
  type MessagesRequest,
  messagesRequest,
} from "./wire.ts";

const decoder = new TextDecoder();

/**
 * @param body JSON, and what was cut out of it
 * @param parts what earlier requests contained; those of this one are added
 * @throws ProxyError `invalid-request` naming the first wrong field
 */
export function readMessagesRequest(body: Body, parts?: KnownParts): MessagesRequest {
  return read(body, parts, messagesRequest, withParts.messages);
}

/** The same for a request that is only counted. */
export function readCountTokensRequest(body: Body, parts?: KnownParts): CountTokensRequest {
  return read(body, parts, countTokensRequest, withParts.countTokens);
}

/** Below this length, looking for known parts takes longer than parsing all of a body, bytes. */
const minSearched = 2000;

/** Bounds come first: a small hostile body must not keep the parser or the schema busy. */
function read<Output>(
  body: Body,
  parts: KnownParts | undefined,
  schema: z.ZodMiniType<Output>,
  schemaWithParts: z.ZodMiniType<Output>,
): Output {
  const { bytes, attachments } = body;
  const known = parts && bytes.length >= minSearched ? readKnown(body, parts) : undefined;
  if (known) {
    const { data } = schemaWithParts.safeParse(known);
    if (data) return data;
  }
  const text = decoder.decode(bytes);
  if (isNestedDeeper(text)) throw tooDeep();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (thrown) {
    throw invalid("Cannot read the request: the body is not valid JSON", { cause: thrown });
  }
  restoreAttachments(value, attachments);
  const breach = findBreach(value, bytes.length);
  if (breach !== undefined) throw invalid(breach);
  return check(schema, value);
}

/** @throws ProxyError `invalid-request` for a body that is nested too deeply */
function readKnown({ bytes, attachments }: Body, parts: KnownParts): JsonObject | undefined {
  const body = asBuffer(bytes);
  const items = findItems(body, minPartLength, parts.recognize(body));
  if (!items) throw tooDeep();
  return items.length > 0 ? parts.read(body, attachments, items) : undefined;
}

const tooDeep = () => invalid(`Cannot read the request: the body is nested deeper than ${maxDepth} levels`);

function check<Output>(schema: z.ZodMiniType<Output>, body: unknown): Output {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  if (!issue || issue.path.length === 0)
    throw invalid("Cannot read the request: the body is not a JSON object");
  throw invalid(`${issue.path.join(".")}: ${explain(issue, valueAt(body, issue.path))}`);
}

type Issue = z.core.$ZodIssue;

const nouns: Readonly<Record<string, string>> = {
  string: "a valid string",
  number: "a valid number",
  int: "a valid integer",
  boolean: "a valid boolean",
  array: "a valid list",
  object: "an object",
  record: "an object",
};

function explain(issue: Issue, found: unknown): string {
  if (found === undefined) return "Field required";
  switch (issue.code) {
    case "invalid_type":
      return `Input should be ${nouns[issue.expected] ?? `of type ${issue.expected}`}`;
    case "too_small":
      return tooSmall(issue.origin, Number(issue.minimum), issue.inclusive === true);
    case "invalid_value":
      return `Input should be ${listQuoted(issue.values)}`;
    case "invalid_union": {
      const options = "options" in issue && Array.isArray(issue.options) ? issue.options : [];
      if (typeof found !== "string" || options.length === 0) return "Input should be a valid string";
      return `Input should be ${listQuoted(options)}`;
    }
    default:
      return issue.message;
  }
}

function tooSmall(origin: string, minimum: number, isInclusive: boolean): string {
  if (origin === "string") return `String should have at least ${count(minimum, "character")}`;
  if (origin === "array") return `List should have at least ${count(minimum, "item")}`;
  return `Input should be greater than ${isInclusive ? "or equal to " : ""}${minimum}`;
}

const listQuoted = (values: readonly unknown[]): string =>
  listWords(
    values.map((value) => `'${String(value)}'`),
    "or",
  );

const count = (amount: number, noun: string): string => `${amount} ${noun}${amount === 1 ? "" : "s"}`;

function valueAt(body: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => {
    if (Array.isArray(value) && typeof key === "number") return value[key];
    return isObject(value) && typeof key === "string" ? value[key] : undefined;
  }, body);
}

function invalid(message: string, details: { cause?: unknown } = {}): ProxyError {
  return new ProxyError("invalid-request", message, details);
}
