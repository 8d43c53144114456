/**
 * Takes pictures and files out of a body before it is parsed: a JSON parser looks at each of their millions of
 * characters. What is cut is proven to be a whole string of base64, so that the rest is JSON exactly if the body was.
 */

import { asBuffer } from "../lib/as-buffer.ts";
import { colon, doubleQuote } from "../lib/character-codes.ts";
import { isBase64 } from "../lib/is-base64.ts";
import { isObject } from "../lib/json.ts";

export type Body = {
  /** JSON, with a short placeholder for each attachment. */
  readonly bytes: Uint8Array;
  readonly attachments: readonly string[];
};

/** Shorter ones are parsed as fast as they are cut, bytes. */
const minLength = 16 * 1024;

/** The placeholder is random, so no client can write it into a body. */
const word = `attachment-${crypto.randomUUID()}-`;

const key = Buffer.from('"data"');
const none: readonly string[] = [];

/** A body without its attachments: the long values of `data`. */
export function cutAttachments(bytes: Uint8Array): Body {
  if (bytes.length < minLength) return { bytes, attachments: none };
  const body = asBuffer(bytes);
  const attachments: string[] = [];
  const rest: Uint8Array[] = [];
  let end = 0;
  for (let at = body.indexOf(key); at !== -1; at = body.indexOf(key, at + key.length)) {
    const value = findValue(body, at + key.length);
    if (value === undefined) continue;
    const { from, to } = value;
    const data = body.toString("latin1", from, to);
    if (!isBase64(data)) continue;
    rest.push(body.subarray(end, from), Buffer.from(`${word}${attachments.length}`));
    attachments.push(data);
    end = to;
    at = to;
  }
  return { bytes: end === 0 ? bytes : Buffer.concat([...rest, body.subarray(end)]), attachments };
}

/** Puts the attachments back into a parsed body, wherever they were. */
export function restoreAttachments(value: unknown, attachments: readonly string[]): void {
  if (attachments.length === 0) return;
  if (Array.isArray(value)) for (const item of value) restoreAttachments(item, attachments);
  if (!isObject(value)) return;
  for (const [name, member] of Object.entries(value)) {
    if (typeof member !== "string") restoreAttachments(member, attachments);
    else if (member.startsWith(word)) value[name] = attachments[Number(member.slice(word.length))] ?? member;
  }
}

/** Whether a part of a body contains the placeholder of an attachment. */
export function mentionsAttachment(part: Buffer): boolean {
  return part.includes(word);
}

/** Where the string is that follows a key, without its quotes, if it is long. */
function findValue(body: Buffer, afterKey: number): { from: number; to: number } | undefined {
  const colonAt = skipSpace(body, afterKey);
  if (body[colonAt] !== colon) return undefined;
  const opening = skipSpace(body, colonAt + 1);
  if (body[opening] !== doubleQuote) return undefined;
  const from = opening + 1;
  const to = body.indexOf(doubleQuote, from);
  return to - from >= minLength ? { from, to } : undefined;
}

function skipSpace(body: Buffer, from: number): number {
  let at = from;
  while (body[at] === 32 || body[at] === 10 || body[at] === 13 || body[at] === 9) at += 1;
  return at;
}

/** Puts the attachments back into JSON. */
export function restoreInText(json: string, attachments: readonly string[]): string {
  if (attachments.length === 0) return json;
  return json.replace(new RegExp(`${word}(\\d+)`, "g"), (cut, number) => attachments[Number(number)] ?? cut);
}
