/**
 * Validates a request item by item, so that nothing has to be validated again that was valid in an earlier turn. The same
 * requests are valid as with the schemas of a whole request, and the same becomes of them.
 */
import { z } from "zod/mini";
import { isObject, type JsonObject } from "../lib/json.ts";
import { sparseObject } from "./sparse-object.ts";
import { countTokensRequest, messagesRequest, partSchemas, textToBlocks } from "./wire.ts";

/** The lists of a request whose items come again with every turn. */
export const partKinds = ["messages", "system", "tools"] as const;
export type PartKind = (typeof partKinds)[number];

export const isPartKind = (name: string): name is PartKind => partKinds.some((kind) => kind === name);

/** How many values are read before zod may make code for their schemas: tens of messages, or a long conversation. */
const maxPlainReads = 200;
let reads = 0;

/**
 * Validates a value. When a schema is first used, zod generates code for it. Reading the first requests of a process
 * takes less time without that code than making it, so that has to wait.
 */
export function readValue<Output>(
  schema: z.ZodMiniType<Output>,
  value: unknown,
): z.core.util.SafeParseResult<Output> {
  if (reads >= maxPlainReads) return schema.safeParse(value);
  reads += 1;
  return schema.safeParse(value, { jitless: true });
}

/** What `readPart` has made, and lists of that: they are valid in every request. */
const readItems = new WeakSet<object>();
const readLists = new WeakSet<object>();

/** A message, tool or system block by itself; undefined if it is not valid. */
export function readPart(kind: PartKind, value: unknown): object | undefined {
  const part = readValue<object>(partSchemas[kind], value).data;
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
