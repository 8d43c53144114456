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
import { mentionsAttachment } from "./cut-attachments.ts";

/** The lists of a request whose items come again with every turn. */
const partKinds = ["messages", "system", "tools"] as const;
export type PartKind = (typeof partKinds)[number];

export type KnownParts = {
  /**
   * A parsed body with its long parts as they were validated; undefined if it must be read in the general way.
   *
   * @param letters the bytes of the body, one letter a byte
   * @param items where the objects of `minPartLength` and more are that stand in the body's lists
   * @param readPart validates a part; undefined if it is not valid
   */
  read(letters: string, items: readonly Item[], readPart: ReadPart): JsonObject | undefined;
};

type ReadPart = (kind: PartKind, value: unknown) => object | undefined;

type Part = { readonly kind: PartKind; readonly value: object };

/** Shorter ones are parsed as fast as they are looked up, bytes. */
export const minPartLength = 256;

/** The placeholder is random, so no client can write it into a body. */
const word = `part-${crypto.randomUUID()}-`;

/** @param maxBytes of all known parts together; those not seen for longest are dropped */
export function createKnownParts(maxBytes: number): KnownParts {
  const known = createLru<string, Part & { readonly length: number }>(maxBytes, ({ length }) => length);

  function find(letters: string, kind: PartKind, readPart: ReadPart): Part | undefined {
    const found = known.get(letters);
    if (found) return found;
    const value = readPart(kind, parse(decode(letters)));
    if (value === undefined) return undefined;
    const part = { kind, value, length: letters.length };
    known.set(detach(letters), part);
    return part;
  }

  return {
    read(letters, items, readPart) {
      const parts = new Set<Part>();
      let rest = "";
      let end = 0;
      for (const { list, from, to } of items) {
        const kind = partKinds.find((kind) => kind === list);
        const text = letters.slice(from, to);
        // The pictures of a part are not in its text.
        if (!kind || mentionsAttachment(text)) continue;
        const part = find(text, kind, readPart);
        if (!part) return undefined;
        // Later steps tell parts apart by identity, so one object must not be in two places.
        if (parts.has(part)) continue;
        rest += `${letters.slice(end, from)}"${word}${parts.size}"`;
        parts.add(part);
        end = to;
      }
      if (parts.size === 0) return undefined;
      const body = parse(decode(rest + letters.slice(end)));
      return isObject(body) && putBack(body, [...parts]) === parts.size ? body : undefined;
    },
  };
}

/** Puts the parts into their lists, and tells how many had their place there. */
function putBack(body: JsonObject, parts: readonly Part[]): number {
  let count = 0;
  for (const kind of new Set(parts.map((part) => part.kind))) {
    const list = body[kind];
    if (!Array.isArray(list)) continue;
    for (const [at, item] of list.entries()) {
      if (typeof item !== "string" || !item.startsWith(word)) continue;
      const part = parts[Number(item.slice(word.length))];
      if (part?.kind !== kind) return 0;
      list[at] = part.value;
      count += 1;
    }
  }
  return count;
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** The text that is written with these bytes. */
function decode(letters: string): string {
  return new TextDecoder().decode(Buffer.from(letters, "latin1"));
}

/** The same letters without the body that they were a part of, which would stay in memory as long as they do. */
function detach(letters: string): string {
  return Buffer.from(letters, "latin1").toString("latin1");
}
