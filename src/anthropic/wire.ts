/**
 * Room `anthropic/`: the client's language: reads requests, writes messages, streams and errors. Not here: plans,
 * backends, or anything specific to an upstream protocol.
 *
 * What an Anthropic client may send: zod schemas and the types inferred from them, no behavior. Parsing also
 * normalizes: text content is always a list of blocks. It is lenient where the API grows: unknown fields are dropped,
 * an unknown block becomes `{type:"unknown"}` and an unknown tool `{type:"typed"}`, so that a newer client never gets
 * a 400 for being newer. Source: Messages API reference and `@anthropic-ai/sdk`, whose types
 * `test/anthropic/wire-types.test.ts` compares at compile time.
 */
import { z } from "zod";
import { isObject, type JsonObject } from "../lib/json.ts";
import { serverToolResultTypes } from "./server-results.ts";

/** Everywhere in the API, a string is short for one text block. */
const textToBlocks = (value: unknown): unknown =>
  typeof value === "string" ? [{ type: "text", text: value }] : value;

type BlockSchema = z.ZodObject<{ type: z.ZodLiteral<string> }>;

/** Lists of blocks in which a block of an unknown type becomes an `unknown` block instead of an error. */
function blockList<const Blocks extends readonly [BlockSchema, ...BlockSchema[]]>(blocks: Blocks) {
  const known = new Set(blocks.flatMap((block) => [...block.shape.type.values]));
  const block = z.preprocess(
    (value) =>
      isObject(value) && typeof value.type === "string" && !known.has(value.type)
        ? { type: "unknown", original: value.type }
        : value,
    z.discriminatedUnion("type", [...blocks, unknownBlock]),
  );
  return z.preprocess(textToBlocks, z.array(block));
}

const unknownBlock = z.object({ type: z.literal("unknown"), original: z.string() });

const cacheControl = z
  .object({ type: z.literal("ephemeral"), ttl: z.enum(["5m", "1h"]).optional() })
  .nullish()
  .catch(undefined);

/** Passed through: zod's record would copy it, and lose a key named `__proto__`. */
const jsonObject = z.custom<JsonObject>(isObject, "Input should be an object");

const absentIfNull = z
  .string()
  .nullish()
  .transform((text) => text ?? undefined);

const textBlock = z.object({
  type: z.literal("text"),
  text: z.string(),
  citations: z.array(z.unknown()).nullish().catch(undefined),
  cache_control: cacheControl,
});

const dataUrl = /^data:([^;,]*)(?:;[^;,]*)*;base64,/i;

/** A `data:` URL is what it holds. */
function readDataUrl(source: unknown): unknown {
  if (!isObject(source) || source.type !== "url" || typeof source.url !== "string") return source;
  const [head, media_type] = dataUrl.exec(source.url) ?? [];
  return head === undefined ? source : { type: "base64", media_type, data: source.url.slice(head.length) };
}

const imageSourceKinds = z.discriminatedUnion("type", [
  z.object({ type: z.literal("base64"), media_type: z.string(), data: z.string().min(1) }),
  z.object({ type: z.literal("url"), url: z.string().min(1) }),
  z.object({ type: z.literal("file"), file_id: z.string() }),
]);
const imageSource = z.preprocess(readDataUrl, imageSourceKinds);
const imageBlock = z.object({ type: z.literal("image"), source: imageSource, cache_control: cacheControl });

/** Asks the answer to cite the passages it rests on. */
const citations = z.object({ enabled: z.boolean().nullish() }).nullish().catch(undefined);

const documentSourceKinds = z.discriminatedUnion("type", [
  z.object({ type: z.literal("base64"), media_type: z.string(), data: z.string().min(1) }),
  z.object({ type: z.literal("text"), media_type: z.string().optional(), data: z.string() }),
  z.object({
    type: z.literal("content"),
    content: blockList([textBlock, imageBlock]),
  }),
  z.object({ type: z.literal("url"), url: z.string().min(1) }),
  z.object({ type: z.literal("file"), file_id: z.string() }),
]);
const documentSource = z.preprocess(readDataUrl, documentSourceKinds);
export const documentBlock = z.object({
  type: z.literal("document"),
  source: documentSource,
  title: z.string().nullish(),
  context: z.string().nullish(),
  citations,
  cache_control: cacheControl,
});

const searchResultBlock = z.object({
  type: z.literal("search_result"),
  source: z.string(),
  title: z.string(),
  content: z.array(textBlock),
  citations,
  cache_control: cacheControl,
});

const toolReferenceBlock = z.object({ type: z.literal("tool_reference"), tool_name: z.string() });
const browserStateBlock = z.looseObject({ type: z.literal("browser_state") });

const thinkingBlock = z.object({
  type: z.literal("thinking"),
  thinking: z.string(),
  signature: absentIfNull,
});
const redactedThinkingBlock = z.object({ type: z.literal("redacted_thinking"), data: z.string() });

const toolUseBlock = z.object({
  type: z.literal("tool_use"),
  id: z.string().min(1),
  name: z.string().min(1),
  input: jsonObject,
  /** The toolset whose member was called. */
  toolset_name: absentIfNull,
  cache_control: cacheControl,
});

const toolResultBlock = z.object({
  type: z.literal("tool_result"),
  tool_use_id: z.string().min(1),
  content: blockList([
    textBlock,
    imageBlock,
    documentBlock,
    searchResultBlock,
    toolReferenceBlock,
    browserStateBlock,
  ]).nullish(),
  is_error: z.boolean().nullish(),
  cache_control: cacheControl,
});

const serverToolUseBlock = z.object({
  type: z.literal(["server_tool_use", "mcp_tool_use"]),
  id: z.string(),
  name: z.string(),
  server_name: z.string().nullish(),
  input: z.unknown(),
});
const serverToolResultBlock = z.object({
  type: z.literal(serverToolResultTypes),
  tool_use_id: z.string(),
  content: z.unknown(),
});
const mcpToolResultBlock = z.object({
  type: z.literal("mcp_tool_result"),
  tool_use_id: z.string(),
  content: blockList([textBlock]).nullish(),
  is_error: z.boolean().nullish(),
});
const containerUploadBlock = z.object({ type: z.literal("container_upload"), file_id: z.string() });
/** Blocks that Anthropic's servers wrote for themselves: the tools of an MCP server, a change of the model. */
const serverNoteBlock = z.object({ type: z.literal(["mcp_tool_listing", "fallback"]) });
const customTool = z.object({
  type: z.literal("custom"),
  name: z.string().min(1),
  description: z.string().nullish(),
  input_schema: jsonObject,
  strict: z.boolean().nullish(),
  defer_loading: z.boolean().nullish(),
  input_examples: z.array(jsonObject).nullish().catch(undefined),
  allowed_callers: z.array(z.string()).nullish().catch(undefined),
  cache_control: cacheControl,
});
/** Anthropic's own tools, run by the client (`bash_20250124`) or by its servers (`web_search_20250305`). */
const typedTool = z.object({
  type: z.literal("typed"),
  family: z.string(),
  name: absentIfNull,
  defer_loading: z.boolean().nullish().catch(undefined),
  cache_control: cacheControl,
  definition: jsonObject,
});
const tool = z.preprocess(
  (value) => {
    if (!isObject(value)) return value;
    const type = value.type ?? "custom";
    if (typeof type !== "string" || type === "custom") return { ...value, type };
    // The date in a type changes every few weeks; the family does not.
    return { ...value, type: "typed", family: type.replace(/_\d{8}$/, ""), definition: value };
  },
  z.discriminatedUnion("type", [customTool, typedTool]),
);

/** A tool that is added or removed in mid-conversation; undefined if we cannot tell which. */
const toolChangeBlock = z.object({
  type: z.literal(["tool_addition", "tool_removal"]),
  tool: z
    .discriminatedUnion("type", [
      z.object({ type: z.literal("tool_reference"), name: z.string() }),
      z.object({ type: z.literal("tool_definition"), definition: tool }),
    ])
    .optional()
    .catch(undefined),
});
const compactionBlock = z.object({
  type: z.literal("compaction"),
  content: z.string().nullish(),
  /** What the summarized part had changed. */
  tool_changes: z.array(toolChangeBlock).nullish().catch(undefined),
});

const effort = z.enum(["low", "medium", "high", "xhigh", "max"]);

const messageShape = z.object({
  role: z.enum(["user", "assistant", "system"]),
  /** On a system message: for the turn it stands in. */
  output_config: z
    .object({ effort: effort.nullish().catch(undefined) })
    .nullish()
    .catch(undefined),
  /** On a system message: `next_user_message` if a later user message hides its text. */
  clear_at: z.string().nullish().catch(undefined),
  content: blockList([
    textBlock,
    imageBlock,
    documentBlock,
    searchResultBlock,
    thinkingBlock,
    redactedThinkingBlock,
    toolUseBlock,
    toolResultBlock,
    serverToolUseBlock,
    serverToolResultBlock,
    mcpToolResultBlock,
    containerUploadBlock,
    serverNoteBlock,
    compactionBlock,
    toolChangeBlock,
  ]),
});
/** A system message may hold nothing but options. */
const message = z.preprocess(
  (value) =>
    isObject(value) && value.role === "system" && isObject(value.output_config)
      ? { ...value, content: value.content ?? [] }
      : value,
  messageShape,
);

/** A union that newer clients may extend: a member with an unknown type is left out. */
function knownOf<const Options extends readonly [BlockSchema, ...BlockSchema[]]>(options: Options) {
  const types = new Set(options.flatMap((option) => [...option.shape.type.values]));
  return z.preprocess(
    (value) =>
      isObject(value) && typeof value.type === "string" && !types.has(value.type) ? undefined : value,
    z.discriminatedUnion("type", [...options]).nullish(),
  );
}

const toolChoice = knownOf([
  z.object({ type: z.literal("auto"), disable_parallel_tool_use: z.boolean().nullish() }),
  z.object({ type: z.literal("any"), disable_parallel_tool_use: z.boolean().nullish() }),
  z.object({
    type: z.literal("tool"),
    name: z.string().min(1),
    disable_parallel_tool_use: z.boolean().nullish(),
  }),
  z.object({ type: z.literal("none") }),
]);

const outputFormat = knownOf([z.object({ type: z.literal("json_schema"), schema: jsonObject })]);

const thinking = knownOf([
  z.object({
    type: z.literal("enabled"),
    budget_tokens: z.number().int().positive(),
    display: z.string().nullish(),
  }),
  z.object({ type: z.literal("adaptive"), display: z.string().nullish() }),
  z.object({ type: z.literal("between_tools"), display: z.string().nullish() }),
  z.object({ type: z.literal("disabled") }),
]);

const inputTokens = z.object({ type: z.literal("input_tokens"), value: z.number().min(0) });
const toolUses = z.object({ type: z.literal("tool_uses"), value: z.number().min(0) });
/** What a server may take out of a conversation before the model reads it. Bad fields count as absent. */
const contextEdit = z.union([
  z.object({
    type: z.literal("clear_tool_uses_20250919"),
    trigger: z.discriminatedUnion("type", [inputTokens, toolUses]).nullish().catch(undefined),
    keep: toolUses.nullish().catch(undefined),
    clear_at_least: inputTokens.nullish().catch(undefined),
    exclude_tools: z.array(z.string()).nullish().catch(undefined),
    clear_tool_inputs: z
      .union([z.boolean(), z.array(z.string())])
      .nullish()
      .catch(undefined),
  }),
  z.object({
    type: z.literal("clear_thinking_20251015"),
    keep: z
      .union([
        z.object({ type: z.literal("thinking_turns"), value: z.number().min(0) }),
        z.object({ type: z.literal("all") }),
        z.literal("all"),
      ])
      .nullish()
      .catch(undefined),
  }),
  z.object({
    type: z.literal("compact_20260112"),
    trigger: inputTokens.nullish().catch(undefined),
    instructions: absentIfNull,
    pause_after_compaction: z.boolean().nullish().catch(undefined),
  }),
  z.object({ type: z.string() }).transform(({ type }) => ({ type: "unknown" as const, original: type })),
]);

const conversation = {
  model: z.string().min(1),
  messages: z.array(message).min(1),
  system: z.preprocess(textToBlocks, z.array(textBlock)).nullish(),
  tools: z.array(tool).nullish(),
  tool_choice: toolChoice,
  thinking,
  output_config: z
    .object({
      effort: effort.nullish().catch(undefined),
      format: outputFormat,
      task_budget: z.unknown().optional(),
    })
    .nullish(),
  output_format: outputFormat,
  cache_control: cacheControl,
  context_management: z
    .object({ edits: z.array(contextEdit).nullish() })
    .nullish()
    .catch(undefined),
  mcp_servers: z.array(z.unknown()).nullish().catch(undefined),
};

export const messagesRequest = z.object({
  ...conversation,
  max_tokens: z.number().int().min(0),
  stream: z.boolean().nullish(),
  stop_sequences: z.array(z.string()).nullish(),
  temperature: z.number().nullish(),
  top_p: z.number().nullish(),
  top_k: z.number().int().nullish(),
  metadata: z.object({ user_id: z.string().nullish() }).nullish(),
  service_tier: z.string().nullish().catch(undefined),
  /** Of the type `summarize`: asks for a summary of the conversation instead of an answer. */
  compaction: z.object({ type: z.string(), instructions: absentIfNull }).nullish().catch(undefined),
  thread: z.object({ type: z.string() }).nullish().catch(undefined),
  container: z.unknown().optional(),
  speed: z.string().nullish().catch(undefined),
  /** May also be the word `default`, which names no model. */
  fallbacks: z
    .array(z.object({ model: z.string().min(1) }))
    .nullish()
    .catch(undefined),
});

export const countTokensRequest = z.object(conversation);

/** The lists of a request whose items come again with every turn. */
export const partKinds = ["messages", "system", "tools"] as const;
export type PartKind = (typeof partKinds)[number];

export const isPartKind = (name: string): name is PartKind => partKinds.some((kind) => kind === name);

const partSchemas = { messages: message, system: textBlock, tools: tool } satisfies Record<
  PartKind,
  z.ZodType
>;

/** A message, tool or system block by itself; undefined if it is not valid. */
export function readPart(kind: PartKind, value: unknown): object | undefined {
  return partSchemas[kind].safeParse(value).data;
}

/** Lists of what `readPart` has made, which is valid in every request. */
const readLists = new WeakSet<object>();

/**
 * Reads the lists of a body item by item, for `withParts`; false if one is not valid.
 *
 * @param known items that `readPart` has made
 */
export function readParts(body: JsonObject, known: ReadonlySet<unknown>): boolean {
  for (const kind of partKinds) {
    const list = kind === "system" ? textToBlocks(body[kind]) : body[kind];
    if (!Array.isArray(list)) continue;
    const parts: unknown[] = [];
    for (const item of list) {
      const part: unknown = known.has(item) ? item : readPart(kind, item);
      if (part === undefined) return false;
      parts.push(part);
    }
    readLists.add(parts);
    body[kind] = parts;
  }
  return true;
}

/** A list that `readParts` has made, as it is. */
const readList = <Item extends z.ZodType>(_item: Item, minLength = 0) =>
  z.custom<z.output<Item>[]>(
    (list) => Array.isArray(list) && list.length >= minLength && readLists.has(list),
  );

const partLists = {
  messages: readList(message, 1),
  system: readList(textBlock).nullish(),
  tools: readList(tool).nullish(),
};
/** The same requests with lists that `readParts` has made. Errors say that a request is wrong, but not what is. */
export const withParts = {
  messages: messagesRequest.extend(partLists),
  countTokens: countTokensRequest.extend(partLists),
};

export type MessagesRequest = z.infer<typeof messagesRequest>;
export type CountTokensRequest = z.infer<typeof countTokensRequest>;
export type RequestMessage = z.infer<typeof messageShape>;
export type RequestBlock = RequestMessage["content"][number];
export type ToolResultBlock = z.infer<typeof toolResultBlock>;
export type ServerToolResultBlock = z.infer<typeof serverToolResultBlock>;
export type ResultBlock = NonNullable<ToolResultBlock["content"]>[number];
export type RequestTextBlock = z.infer<typeof textBlock>;
export type ImageBlock = z.infer<typeof imageBlock>;
export type DocumentBlock = z.infer<typeof documentBlock>;
export type RequestToolUseBlock = z.infer<typeof toolUseBlock>;
export type Tool = z.infer<typeof tool>;
export type CustomTool = z.infer<typeof customTool>;
export type TypedTool = z.infer<typeof typedTool>;
export type ToolChangeBlock = z.infer<typeof toolChangeBlock>;
export type ToolChoice = NonNullable<z.infer<typeof toolChoice>>;
export type Thinking = NonNullable<z.infer<typeof thinking>>;
export type ContextEdit = z.infer<typeof contextEdit>;
export type Effort = z.infer<typeof effort>;
