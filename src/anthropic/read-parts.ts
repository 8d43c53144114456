/**
 * Validates a request item by item, so that nothing has to be validated again that was valid in an earlier turn. The same
 * requests are valid as with the schemas of a whole request, and the same becomes of them.
 */
import { z } from "zod/mini";
import { isObject, type JsonObject } from "../lib/json.ts";
import { sparseObject } from "./lean-schemas.ts";
import { countTokensRequest, messagesRequest, partSchemas, textToBlocks } from "./wire.ts";

/** The lists of a request whose items come again with every turn. */
export const partKinds = ["messages", "system", "tools"] as const;
export type PartKind = (typeof partKinds)[number];

export const isPartKind = (name: string): name is PartKind => partKinds.some((kind) => kind === name);

/** What `readPart` has made, and lists of that: they are valid in every request. */
const readItems = new WeakSet<object>();
const readLists = new WeakSet<object>();

/** A message, tool or system block by itself; undefined if it is not valid. */
export function readPart(kind: PartKind, value: unknown): object | undefined {
  const part = partSchemas[kind].safeParse(value).data;
  if (part) readItems.add(part);
  return part;
}

/** Reads the lists of a body item by item, for `withParts`; false if one is not valid. */
export function readParts(body: JsonObject): boolean {
  for (const kind of partKinds) {
    const list = kind === "system" ? textToBlocks(body[kind]) : body[kind];
    if (!Array.isArray(list)) continue;
    const parts: unknown[] = [];
    for (const item of list) {
      const part: unknown = isObject(item) && readItems.has(item) ? item : readPart(kind, item);
      if (part === undefined) return false;
      parts.push(part);
    }
    readLists.add(parts);
    body[kind] = parts;
  }
  return true;
}

/** A list that `readParts` has made, as it is. */
const readList = <Item extends z.ZodMiniType>(_item: Item, minLength = 0) =>
  z.custom<z.output<Item>[]>(
    (list) => Array.isArray(list) && list.length >= minLength && readLists.has(list),
  );

const partLists = {
  messages: readList(partSchemas.messages, 1),
  system: z.nullish(readList(partSchemas.system)),
  tools: z.nullish(readList(partSchemas.tools)),
};
/** The same requests with lists that `readParts` has made. Errors say that a request is wrong, but not what is. */
export const withParts = {
  messages: sparseObject({ ...messagesRequest.shape, ...partLists }),
  countTokens: sparseObject({ ...countTokensRequest.shape, ...partLists }),
};
