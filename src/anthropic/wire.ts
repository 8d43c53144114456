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

const textBlock = z.object({ type: z.literal("text"), text: z.string(), cache_control: cacheControl });

const imageSource = z.discriminatedUnion("type", [
  z.object({ type: z.literal("base64"), media_type: z.string(), data: z.string().min(1) }),
  z.object({ type: z.literal("url"), url: z.string().min(1) }),
  z.object({ type: z.literal("file"), file_id: z.string() }),
]);
const imageBlock = z.object({ type: z.literal("image"), source: imageSource, cache_control: cacheControl });

/** Asks the answer to cite the passages it rests on. */
const citations = z.object({ enabled: z.boolean().nullish() }).nullish().catch(undefined);

const documentSource = z.discriminatedUnion("type", [
  z.object({ type: z.literal("base64"), media_type: z.string(), data: z.string().min(1) }),
  z.object({ type: z.literal("text"), media_type: z.string().optional(), data: z.string() }),
  z.object({
    type: z.literal("content"),
    content: blockList([textBlock, imageBlock]),
  }),
  z.object({ type: z.literal("url"), url: z.string().min(1) }),
  z.object({ type: z.literal("file"), file_id: z.string() }),
]);
const documentBlock = z.object({
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

const message = z.object({
  role: z.enum(["user", "assistant", "system"]),
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
const effort = z.enum(["low", "medium", "high", "xhigh", "max"]);

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

const conversation = {
  model: z.string().min(1),
  messages: z.array(message).min(1),
  system: z.preprocess(textToBlocks, z.array(textBlock)).nullish(),
  tools: z.array(tool).nullish(),
  tool_choice: toolChoice,
  thinking,
  output_config: z.object({ effort: effort.nullish().catch(undefined), format: outputFormat }).nullish(),
  output_format: outputFormat,
  cache_control: cacheControl,
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
  speed: z.string().nullish().catch(undefined),
  /** May also be the word `default`, which names no model. */
  fallbacks: z
    .array(z.object({ model: z.string().min(1) }))
    .nullish()
    .catch(undefined),
});

export const countTokensRequest = z.object(conversation);

export type MessagesRequest = z.infer<typeof messagesRequest>;
export type CountTokensRequest = z.infer<typeof countTokensRequest>;
export type RequestMessage = z.infer<typeof message>;
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
export type Effort = z.infer<typeof effort>;
