/**
 * Recognizes the parts of a body that came before. A client sends its whole conversation with every turn, and only the
 * end of it is new. A message, tool or system block whose text is identical to an earlier one is not parsed and
 * validated again; it becomes the same object, so later steps can cache what they made of it.
 *
 * This is not a second parser. For each known text we keep what the parser and the schema made of it, and in the body a
 * placeholder takes its place. If the body parses as JSON with the placeholder as an item of the right list, it would
 * also parse with the text there, and with that part as the item. Everything else is read in the general way.
 */
import { comma } from "../lib/character-codes.ts";
import { isObject, type JsonObject } from "../lib/json.ts";
import { createLru } from "../lib/lru.ts";
import { type Body, mentionsAttachment, restoreAttachments } from "./cut-attachments.ts";
import type { Item } from "./find-items.ts";
import { isPartKind, type PartKind, partKinds, readPart, readParts } from "./read-parts.ts";
import { findBreach } from "./request-bounds.ts";

export type KnownParts = {
  /**
   * Recognizes an object of a body by its place in the last one: first in a list, or next after the same object. Then
   * its end need not be found, nor its bytes be looked up.
   */
  recognize(bytes: Buffer): (at: number) => Part | undefined;
  /**
   * A parsed body with its lists as they were validated; undefined if it must be read in the general way.
   *
   * @param bytes what it was parsed from
   * @param items where the objects of `minPartLength` and more are that stand in the body's lists
   */
  read(bytes: Buffer, attachments: Body["attachments"], items: readonly Item<Part>[]): JsonObject | undefined;
};

type Part = {
  readonly kind: PartKind;
  readonly value: object;
  readonly bytes: Uint8Array;
  readonly hash: number;
  /** What came after it in the last body. Not kept alive: it may have been dropped. */
  next: WeakRef<Part> | undefined;
  /** The number of the last body it was in. */
  seenIn: number;
};

/** Parts of one list that follow one another. One placeholder stands for all of them. */
type Run = { readonly kind: PartKind; readonly parts: Part[] };

/** Shorter ones are parsed as fast as they are looked up, bytes. */
export const minPartLength = 256;

/** Unknown objects of a body before no more are compared: a hostile body has millions. */
const maxUnknown = 100;

/** The placeholder is random, so no client can write it into a body. */
const word = `part-${crypto.randomUUID()}-`;

/** It does not skip a byte order mark: within a body, that is no JSON. */
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** @param maxBytes of all known parts together; those not seen for longest are dropped */
export function createKnownParts(maxBytes: number): KnownParts {
  /** By their hash. Of two with the same one, only the last is known. */
  const known = createLru<number, Part>(maxBytes, ({ bytes }) => bytes.length);
  /** What came first in each list of the last body. */
  const firsts = new Map<PartKind, Part>();
  let bodies = 0;

  function find(body: Buffer, kind: PartKind, item: Item<Part>): Part | undefined {
    const { from, to } = item;
    if (item.known?.kind === kind) {
      const part = item.known;
      // This marks it as used. If it was dropped, it is wanted again.
      if (known.get(part.hash) !== part) known.set(part.hash, part);
      return part;
    }
    const text = body.subarray(from, to);
    const hash = Bun.hash.xxHash32(text);
    const found = known.get(hash);
    if (found?.kind === kind && text.equals(found.bytes)) return found;
    const parsed = parse(decoder.decode(text));
    // Bounds come before the schema.
    if (findBreach({ [kind]: [parsed] }, text.length) !== undefined) return undefined;
    const value = readPart(kind, parsed);
    if (value === undefined) return undefined;
    // Its own bytes: a part of the body would keep all of it in memory.
    const part: Part = { kind, value, bytes: new Uint8Array(text), hash, next: undefined, seenIn: 0 };
    known.set(hash, part);
    return part;
  }

  return {
    recognize(body) {
      let last: Part | undefined;
      let unknown = 0;
      return (at) => {
        const next = last?.next?.deref();
        if (next && isAt(body, at, next)) {
          last = next;
          return next;
        }
        if (unknown > maxUnknown) return undefined;
        for (const first of firsts.values()) {
          if (!isAt(body, at, first)) continue;
          last = first;
          return first;
        }
        unknown += 1;
        return undefined;
      };
    },
    read(bytes, attachments, items) {
      bodies += 1;
      const runs: Run[] = [];
      let rest = "";
      let end = 0;
      let last: Part | undefined;
      for (const item of items) {
        const { list: kind, from, to } = item;
        if (!isPartKind(kind)) continue;
        // The pictures of a part are not in its bytes.
        if (!item.known && attachments.length > 0 && mentionsAttachment(bytes.subarray(from, to))) continue;
        const part = find(bytes, kind, item);
        if (!part) return undefined;
        if (last?.kind !== kind) firsts.set(kind, part);
        if (last && last.next?.deref() !== part) last.next = new WeakRef(part);
        last = part;
        // Later steps tell parts apart by identity, so one object must not be in two places.
        if (part.seenIn === bodies) continue;
        part.seenIn = bodies;
        const run = runs.at(-1);
        if (run?.kind === kind && from === end + 1 && bytes[end] === comma) run.parts.push(part);
        else {
          rest += `${decoder.decode(bytes.subarray(end, from))}"${word}${runs.length}"`;
          runs.push({ kind, parts: [part] });
        }
        end = to;
      }
      if (runs.length === 0) return undefined;
      const body = parse(rest + decoder.decode(bytes.subarray(end)));
      if (!isObject(body)) return undefined;
      restoreAttachments(body, attachments);
      if (!putBack(body, runs)) return undefined;
      // Bounds come before the schema.
      if (findBreach(body, bytes.length) !== undefined) return undefined;
      return readParts(body) ? body : undefined;
    },
  };
}

/** Whether the bytes of a part are at a place of a body. */
function isAt(body: Buffer, at: number, { bytes }: Part): boolean {
  const end = at + bytes.length;
  return end <= body.length && body.compare(bytes, 0, bytes.length, at, end) === 0;
}

/** Puts the parts into their lists; false if some had no place there. */
function putBack(body: JsonObject, runs: readonly Run[]): boolean {
  let count = 0;
  for (const kind of partKinds) {
    const list = body[kind];
    if (!Array.isArray(list)) continue;
    const items: unknown[] = [];
    for (const item of list) {
      if (typeof item !== "string" || !item.startsWith(word)) {
        items.push(item);
        continue;
      }
      const run = runs[Number(item.slice(word.length))];
      if (run?.kind !== kind) return false;
      for (const { value } of run.parts) items.push(value);
      count += 1;
    }
    body[kind] = items;
  }
  return count === runs.length;
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
