/**
 * Room `anthropic/`: the client's language: reads requests, writes messages, streams and errors. Not here: plans,
 * backends, or anything specific to an upstream protocol.
 *
 * What an Anthropic client may send: zod schemas and the types inferred from them, no behavior. Parsing also
 * normalizes: text content is always a list of blocks. It is lenient where the API grows: unknown fields are dropped,
 * an unknown block becomes `{type:"unknown"}` and an unknown tool `{type:"typed"}`, so that a newer client never gets
 * a 400 for being newer. Source: Messages API reference and `@anthropic-ai/sdk`, whose types
 * `test/anthropic/wire.test.ts` compares at compile time.
 *
 * What every start loads uses `zod/mini`: `zod` itself, with the same schemas, costs 1 MB and 4 ms more.
 */
import { z } from "zod/mini";
import { isObject, type JsonObject } from "../lib/json.ts";
import { plainList, prepared, sparseObject } from "./lean-schemas.ts";
import { serverToolResultTypes } from "./server-results.ts";

// Shared by all schemas below: each of its own would cost 20 µs of the start.
const text = z.string();
const filledText = text.check(z.minLength(1));
const optionalText = z.nullish(text);
const optionalFlag = z.nullish(z.boolean());
const anyList = z.array(z.unknown());

/** Everywhere in the API, a string is short for one text block. */
export const textToBlocks = (value: unknown): unknown =>
  typeof value === "string" ? [{ type: "text", text: value }] : value;

type BlockSchema = z.ZodMiniObject<{ type: z.ZodMiniLiteral<string> }>;

/** Lists of blocks in which a block of an unknown type becomes an `unknown` block instead of an error. */
function blockList<const Blocks extends readonly [BlockSchema, ...BlockSchema[]]>(blocks: Blocks) {
  const known = new Set(blocks.flatMap((block) => [...block.shape.type._zod.values]));
  const isNew = (block: unknown): block is { type: string } =>
    isObject(block) && typeof block.type === "string" && !known.has(block.type);
  const toKnown = (block: unknown): unknown =>
    isNew(block) ? { type: "unknown", original: block.type } : block;
  return prepared(
    (value) => {
      const list = textToBlocks(value);
      return Array.isArray(list) && list.some(isNew) ? list.map(toKnown) : list;
    },
    plainList(z.array(z.discriminatedUnion("type", [...blocks, unknownBlock]))),
  );
}

/** An optional field; a bad value counts as absent. */
const lenient = <Schema extends z.ZodMiniType>(schema: Schema) =>
  // `optional` is outermost because most of these fields are absent: they need no other step.
  z.optional(z.catch(z.nullish(schema), undefined));

const unknownBlock = z.object({ type: z.literal("unknown"), original: text });

const cacheControl = lenient(
  z.object({ type: z.literal("ephemeral"), ttl: z.optional(z.enum(["5m", "1h"])) }),
);

/** Passed through: zod's record would copy it, and lose a key named `__proto__`. */
const jsonObject = z.custom<JsonObject>(isObject, "Input should be an object");

const absentIfNull = z.optional(
  z.pipe(
    optionalText,
    z.transform((value) => value ?? undefined),
  ),
);

const textBlock = sparseObject({
  type: z.literal("text"),
  text,
  citations: lenient(anyList),
  cache_control: cacheControl,
});

const dataUrl = /^data:([^;,]*)(?:;[^;,]*)*;base64,/i;

/** A `data:` URL counts as the bytes in it. */
function readDataUrl(source: unknown): unknown {
  if (!isObject(source) || source.type !== "url" || typeof source.url !== "string") return source;
  const [head, media_type] = dataUrl.exec(source.url) ?? [];
  return head === undefined ? source : { type: "base64", media_type, data: source.url.slice(head.length) };
}

const imageSourceKinds = z.discriminatedUnion("type", [
  z.object({ type: z.literal("base64"), media_type: text, data: filledText }),
  z.object({ type: z.literal("url"), url: filledText }),
  z.object({ type: z.literal("file"), file_id: text }),
]);
const imageSource = prepared(readDataUrl, imageSourceKinds);
const imageBlock = sparseObject({
  type: z.literal("image"),
  source: imageSource,
  cache_control: cacheControl,
});

/** Asks the answer to cite the passages it rests on. */
const citations = lenient(z.object({ enabled: optionalFlag }));

const documentSourceKinds = z.discriminatedUnion("type", [
  z.object({ type: z.literal("base64"), media_type: text, data: filledText }),
  z.object({ type: z.literal("text"), media_type: z.optional(text), data: text }),
  z.object({
    type: z.literal("content"),
    content: blockList([textBlock, imageBlock]),
  }),
  z.object({ type: z.literal("url"), url: filledText }),
  z.object({ type: z.literal("file"), file_id: text }),
]);
const documentSource = prepared(readDataUrl, documentSourceKinds);
export const documentBlock = z.object({
  type: z.literal("document"),
  source: documentSource,
  title: optionalText,
  context: optionalText,
  citations,
  cache_control: cacheControl,
});

const searchResultBlock = z.object({
  type: z.literal("search_result"),
  source: text,
  title: text,
  content: z.array(textBlock),
  citations,
  cache_control: cacheControl,
});

const toolReferenceBlock = z.object({ type: z.literal("tool_reference"), tool_name: text });
const browserStateBlock = z.looseObject({ type: z.literal("browser_state") });

const thinkingBlock = z.object({
  type: z.literal("thinking"),
  thinking: text,
  signature: absentIfNull,
});
const redactedThinkingBlock = z.object({ type: z.literal("redacted_thinking"), data: text });

const toolUseBlock = sparseObject({
  type: z.literal("tool_use"),
  id: filledText,
  name: filledText,
  input: jsonObject,
  /** The toolset whose member was called. */
  toolset_name: absentIfNull,
  cache_control: cacheControl,
});

const toolResultBlock = sparseObject({
  type: z.literal("tool_result"),
  tool_use_id: filledText,
  content: z.nullish(
    blockList([
      textBlock,
      imageBlock,
      documentBlock,
      searchResultBlock,
      toolReferenceBlock,
      browserStateBlock,
    ]),
  ),
  is_error: optionalFlag,
  cache_control: cacheControl,
});

const serverToolUseBlock = z.object({
  type: z.literal(["server_tool_use", "mcp_tool_use"]),
  id: text,
  name: text,
  server_name: optionalText,
  input: z.unknown(),
});
const serverToolResultBlock = z.object({
  type: z.literal(serverToolResultTypes),
  tool_use_id: text,
  content: z.unknown(),
});
const mcpToolResultBlock = z.object({
  type: z.literal("mcp_tool_result"),
  tool_use_id: text,
  content: z.nullish(blockList([textBlock])),
  is_error: optionalFlag,
});
const containerUploadBlock = z.object({ type: z.literal("container_upload"), file_id: text });
/** Blocks that Anthropic's servers wrote for themselves: the tools of an MCP server, a change of the model. */
const serverNoteBlock = z.object({ type: z.literal(["mcp_tool_listing", "fallback"]) });
const customTool = sparseObject({
  type: z.literal("custom"),
  name: filledText,
  description: optionalText,
  input_schema: jsonObject,
  strict: optionalFlag,
  defer_loading: optionalFlag,
  input_examples: lenient(z.array(jsonObject)),
  allowed_callers: lenient(z.array(text)),
  cache_control: cacheControl,
});
/** Anthropic's own tools, run by the client (`bash_20250124`) or by its servers (`web_search_20250305`). */
const typedTool = z.object({
  type: z.literal("typed"),
  family: text,
  name: absentIfNull,
  defer_loading: lenient(z.boolean()),
  cache_control: cacheControl,
  definition: jsonObject,
});
const tool = prepared(
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
  tool: z.catch(
    z.optional(
      z.discriminatedUnion("type", [
        z.object({ type: z.literal("tool_reference"), name: text }),
        z.object({ type: z.literal("tool_definition"), definition: tool }),
      ]),
    ),
    undefined,
  ),
});
const compactionBlock = z.object({
  type: z.literal("compaction"),
  content: optionalText,
  /** What the summarized part had changed. */
  tool_changes: lenient(z.array(toolChangeBlock)),
});

const effort = z.enum(["low", "medium", "high", "xhigh", "max"]);

const messageShape = sparseObject({
  role: z.enum(["user", "assistant", "system"]),
  /** On a system message: for the turn it stands in. */
  output_config: lenient(z.object({ effort: lenient(effort) })),
  /** On a system message: `next_user_message` if a later user message hides its text. */
  clear_at: lenient(text),
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
const message = prepared(
  (value) =>
    isObject(value) && value.role === "system" && isObject(value.output_config)
      ? { ...value, content: value.content ?? [] }
      : value,
  messageShape,
);

/** A union that newer clients may extend: a member with an unknown type is left out. */
function knownOf<const Options extends readonly [BlockSchema, ...BlockSchema[]]>(options: Options) {
  const types = new Set(options.flatMap((option) => [...option.shape.type._zod.values]));
  return z.optional(
    prepared(
      (value) =>
        isObject(value) && typeof value.type === "string" && !types.has(value.type) ? undefined : value,
      z.nullish(z.discriminatedUnion("type", [...options])),
    ),
  );
}

const toolChoice = knownOf([
  z.object({ type: z.literal("auto"), disable_parallel_tool_use: optionalFlag }),
  z.object({ type: z.literal("any"), disable_parallel_tool_use: optionalFlag }),
  z.object({
    type: z.literal("tool"),
    name: filledText,
    disable_parallel_tool_use: optionalFlag,
  }),
  z.object({ type: z.literal("none") }),
]);

const outputFormat = knownOf([z.object({ type: z.literal("json_schema"), schema: jsonObject })]);

const thinking = knownOf([
  z.object({
    type: z.literal("enabled"),
    budget_tokens: z.number().check(z.int(), z.positive()),
    display: optionalText,
  }),
  z.object({ type: z.literal("adaptive"), display: optionalText }),
  z.object({ type: z.literal("between_tools"), display: optionalText }),
  z.object({ type: z.literal("disabled") }),
]);

const inputTokens = z.object({ type: z.literal("input_tokens"), value: z.number().check(z.minimum(0)) });
const toolUses = z.object({ type: z.literal("tool_uses"), value: z.number().check(z.minimum(0)) });
/** What a server may take out of a conversation before the model reads it. Bad fields count as absent. */
const contextEdit = z.union([
  z.object({
    type: z.literal("clear_tool_uses_20250919"),
    trigger: lenient(z.discriminatedUnion("type", [inputTokens, toolUses])),
    keep: lenient(toolUses),
    clear_at_least: lenient(inputTokens),
    exclude_tools: lenient(z.array(text)),
    clear_tool_inputs: lenient(z.union([z.boolean(), z.array(text)])),
  }),
  z.object({
    type: z.literal("clear_thinking_20251015"),
    keep: lenient(
      z.union([
        z.object({ type: z.literal("thinking_turns"), value: z.number().check(z.minimum(0)) }),
        z.object({ type: z.literal("all") }),
        z.literal("all"),
      ]),
    ),
  }),
  z.object({
    type: z.literal("compact_20260112"),
    trigger: lenient(inputTokens),
    instructions: absentIfNull,
    pause_after_compaction: lenient(z.boolean()),
  }),
  z.pipe(
    z.object({ type: text }),
    z.transform(({ type }) => ({ type: "unknown" as const, original: type })),
  ),
]);

const conversation = {
  model: filledText,
  messages: plainList(z.array(message).check(z.minLength(1))),
  system: z.nullish(prepared(textToBlocks, plainList(z.array(textBlock)))),
  tools: z.nullish(plainList(z.array(tool))),
  tool_choice: toolChoice,
  thinking,
  output_config: z.nullish(
    z.object({ effort: lenient(effort), format: outputFormat, task_budget: z.optional(z.unknown()) }),
  ),
  output_format: outputFormat,
  cache_control: cacheControl,
  context_management: lenient(z.object({ edits: z.nullish(z.array(contextEdit)) })),
  mcp_servers: lenient(anyList),
};

export const messagesRequest = sparseObject({
  ...conversation,
  max_tokens: z.number().check(z.int(), z.minimum(0)),
  stream: optionalFlag,
  stop_sequences: z.nullish(z.array(text)),
  temperature: z.nullish(z.number()),
  top_p: z.nullish(z.number()),
  top_k: z.nullish(z.number().check(z.int())),
  metadata: z.nullish(z.object({ user_id: optionalText })),
  service_tier: lenient(text),
  /** Of the type `summarize`: asks for a summary of the conversation instead of an answer. */
  compaction: lenient(z.object({ type: text, instructions: absentIfNull })),
  thread: lenient(z.object({ type: text })),
  container: z.optional(z.unknown()),
  speed: lenient(text),
  /** May also be the word `default`, which names no model. */
  fallbacks: lenient(z.array(z.object({ model: filledText }))),
});

export const countTokensRequest = sparseObject(conversation);

/** The items of the lists that come again with every turn, by the name of the list. */
export const partSchemas = { messages: message, system: textBlock, tools: tool };

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
