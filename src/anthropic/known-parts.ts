/**
 * Recognizes the parts of a body that came before. A client sends its whole conversation with every turn, and only the
 * end of it is new. A message, tool or system block whose text is identical to an earlier one is not parsed and
 * validated again; it becomes the same object, so later steps can cache what they made of it.
 *
 * This is not a second parser. For each known text we keep what the parser and the schema made of it, and in the body a
 * placeholder takes its place. If the body parses as JSON with the placeholder as an item of the right list, it would
 * also parse with the text there, and with that part as the item. Everything else is read in the general way.
 */

import { isObject, type JsonObject } from "../lib/json.ts";
import { createLru } from "../lib/lru.ts";
import type { Item } from "../lib/scan-json.ts";
import { type Body, mentionsAttachment, restoreAttachments } from "./cut-attachments.ts";
import { isPartKind, type PartKind, partKinds, readPart, readParts } from "./read-parts.ts";
import { findBreach } from "./request-bounds.ts";

export type KnownParts = {
  /**
   * Recognizes an object of a body by its place in the last one: first in a list, or next after the same object. Then
   * its end need not be found, nor its text be looked up.
   *
   * @param letters the body's bytes, one letter a byte
   */
  recognize(letters: string): (at: number) => Part | undefined;
  /**
   * A parsed body with its lists as they were validated; undefined if it must be read in the general way.
   *
   * @param items where the objects of `minPartLength` and more are that stand in the body's lists
   */
  read(body: Body, letters: string, items: readonly Item<Part>[]): JsonObject | undefined;
};

type Part = {
  readonly kind: PartKind;
  readonly value: object;
  /** Its bytes, one letter a byte. */
  readonly text: string;
  /** What came after it in the last body. Not kept alive: it may have been dropped. */
  next: WeakRef<Part> | undefined;
};

/** Shorter ones are parsed as fast as they are looked up, bytes. */
export const minPartLength = 256;

/** Objects of a body that may be strange before no more are compared: a hostile body has millions. */
const maxSurprises = 100;

/** The placeholder is random, so no client can write it into a body. */
const word = `part-${crypto.randomUUID()}-`;

const decoder = new TextDecoder();

/** @param maxBytes of all known parts together; those not seen for longest are dropped */
export function createKnownParts(maxBytes: number): KnownParts {
  const known = createLru<string, Part>(maxBytes, ({ text }) => text.length);
  /** What came first in each list of the last body. */
  const firsts = new Map<PartKind, Part>();

  function find(bytes: Buffer, letters: string, kind: PartKind, item: Item<Part>): Part | undefined {
    const { from, to } = item;
    if (item.known?.kind === kind) {
      const part = item.known;
      // This marks it as used. If it was dropped, it is wanted again.
      if (!known.get(part.text)) known.set(part.text, part);
      return part;
    }
    const found = known.get(letters.slice(from, to));
    if (found) return found;
    const value = readPart(kind, parse(bytes.subarray(from, to)));
    if (value === undefined) return undefined;
    // A slice would keep the whole body in memory.
    const text = bytes.toString("latin1", from, to);
    const part: Part = { kind, value, text, next: undefined };
    known.set(text, part);
    return part;
  }

  return {
    recognize(letters) {
      let last: Part | undefined;
      let surprises = 0;
      return (at) => {
        const next = last?.next?.deref();
        if (next && letters.startsWith(next.text, at)) {
          last = next;
          return next;
        }
        if (surprises > maxSurprises) return undefined;
        for (const first of firsts.values()) {
          if (!letters.startsWith(first.text, at)) continue;
          last = first;
          return first;
        }
        surprises += 1;
        return undefined;
      };
    },
    read({ bytes, attachments }, letters, items) {
      const parts = new Set<Part>();
      let rest = "";
      let end = 0;
      let last: Part | undefined;
      for (const item of items) {
        const { list: kind, from, to } = item;
        // The pictures of a part are not in its text.
        if (!isPartKind(kind) || (attachments.length > 0 && mentionsAttachment(letters.slice(from, to))))
          continue;
        const part = find(bytes, letters, kind, item);
        if (!part) return undefined;
        if (last?.kind !== kind) firsts.set(kind, part);
        if (last && last.next?.deref() !== part) last.next = new WeakRef(part);
        last = part;
        // Later steps tell parts apart by identity, so one object must not be in two places.
        if (parts.has(part)) continue;
        rest += `${letters.slice(end, from)}"${word}${parts.size}"`;
        parts.add(part);
        end = to;
      }
      if (parts.size === 0) return undefined;
      const body = parse(Buffer.from(rest + letters.slice(end), "latin1"));
      if (!isObject(body)) return undefined;
      restoreAttachments(body, attachments);
      if (putBack(body, [...parts]) !== parts.size) return undefined;
      // Bounds come before the schema.
      if (findBreach(body, bytes.length) !== undefined) return undefined;
      const values = new Set<unknown>();
      for (const { value } of parts) values.add(value);
      return readParts(body, values) ? body : undefined;
    },
  };
}

/** Puts the parts into their lists, and tells how many had their place there. */
function putBack(body: JsonObject, parts: readonly Part[]): number {
  let count = 0;
  for (const kind of partKinds) {
    const list = body[kind];
    if (!Array.isArray(list)) continue;
    for (let at = 0; at < list.length; at += 1) {
      const item: unknown = list[at];
      if (typeof item !== "string" || !item.startsWith(word)) continue;
      const part = parts[Number(item.slice(word.length))];
      if (part?.kind !== kind) return 0;
      list[at] = part.value;
      count += 1;
    }
  }
  return count;
}

function parse(json: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(json));
  } catch {
    return undefined;
  }
}
