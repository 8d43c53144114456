/**
 * Compares our wire types with the official SDK's, the oldest and the newest that we support. Most of this is checked
 * by the compiler: a line that no longer holds stops `tsc`, not `bun test`.
 */
import { describe, expect, test } from "bun:test";
import type * as beta1 from "@anthropic-ai/sdk/resources/beta/messages/messages";
import type * as sdk1 from "@anthropic-ai/sdk/resources/messages/messages";
import type * as sdk0 from "anthropic-sdk-0/resources/messages/messages";
import type { z } from "zod";
import { readMessagesRequest } from "../../src/anthropic/read-request.ts";
import type {
  CustomTool,
  DocumentBlock,
  Effort,
  ImageBlock,
  messagesRequest,
  RequestBlock,
  RequestTextBlock,
  RequestToolUseBlock,
  ResultBlock,
  Thinking,
  ToolChoice,
  ToolResultBlock,
} from "../../src/anthropic/wire.ts";
import type * as ours from "../../src/anthropic/wire-reply.ts";
import { bodyOf } from "../support/bodies.ts";

/** Compiles if a `From` is assignable to a `To`. */
function fits<_From extends _To, _To>(): void {}
/** Compiles when no type is left over. */
function nothing<_Left extends never>(): void {}

/** `Omit` that refuses keys that do not exist. */
type Fields<Whole, Omitted extends keyof Whole> = Omit<Whole, Omitted>;

describe("the SDK's types fit what we accept", () => {
  test("requests", () => {
    type Ours = z.input<typeof messagesRequest>;
    fits<sdk1.MessageCreateParamsNonStreaming, Ours>();
    fits<sdk1.MessageCreateParamsStreaming, Ours>();
    fits<sdk0.MessageCreateParamsNonStreaming, Ours>();
    fits<sdk0.MessageCreateParamsStreaming, Ours>();
  });

  // Content passes a preprocessor, whose input zod types as unknown; the blocks are compared here instead.
  test("blocks that keep their shape", () => {
    fits<sdk1.TextBlockParam, RequestTextBlock>();
    fits<sdk1.ImageBlockParam, ImageBlock>();
    fits<sdk0.ImageBlockParam, ImageBlock>();
    fits<sdk1.ThinkingBlockParam, Extract<RequestBlock, { type: "thinking" }>>();
    fits<sdk1.RedactedThinkingBlockParam, Extract<RequestBlock, { type: "redacted_thinking" }>>();
    fits<sdk1.SearchResultBlockParam, Extract<RequestBlock, { type: "search_result" }>>();
    fits<sdk1.ServerToolUseBlockParam, Extract<RequestBlock, { type: "server_tool_use" | "mcp_tool_use" }>>();
    // The SDK types any tool input as unknown; the API accepts only objects, and so do we. A null toolset means none.
    type OwnFields = "input" | "toolset_name";
    fits<Fields<sdk1.ToolUseBlockParam, OwnFields>, Fields<RequestToolUseBlock, OwnFields>>();
    // Text content becomes a list of blocks when it is read.
    fits<Fields<sdk1.ToolResultBlockParam, "content">, Fields<ToolResultBlock, "content">>();
    fits<
      Exclude<sdk1.DocumentBlockParam["source"], sdk1.ContentBlockSource>,
      Exclude<DocumentBlock["source"], { type: "content" }>
    >();
  });

  test("no block type, role or tool choice is missing", () => {
    nothing<Exclude<sdk1.ContentBlockParam["type"], RequestBlock["type"]>>();
    nothing<Exclude<sdk0.ContentBlockParam["type"], RequestBlock["type"]>>();
    nothing<Exclude<beta1.BetaContentBlockParam["type"], RequestBlock["type"]>>();
    type ResultContent = Exclude<NonNullable<beta1.BetaToolResultBlockParam["content"]>, string>[number];
    nothing<Exclude<ResultContent["type"], ResultBlock["type"]>>();
    nothing<Exclude<sdk1.MessageParam["role"], "user" | "assistant" | "system">>();
    nothing<Exclude<sdk1.ToolChoice["type"], ToolChoice["type"]>>();
    nothing<Exclude<sdk1.ThinkingConfigParam["type"], Thinking["type"]>>();
    nothing<Exclude<NonNullable<sdk1.OutputConfig["effort"]>, Effort>>();
  });

  test("settings", () => {
    fits<sdk1.ToolChoice, ToolChoice>();
    fits<sdk1.ThinkingConfigParam, Thinking>();
    fits<sdk0.ThinkingConfigParam, Thinking>();
    // An absent or null type means custom; the reader fills it in.
    fits<Fields<sdk1.Tool, "type">, Fields<CustomTool, "type" | "input_schema">>();
  });
});

/**
 * Facts that only Anthropic's servers have. The SDK types them as nullable and required, but its code reads none of
 * them, and an absent field means "unknown" where null would mean "none".
 */
type UntoldUsage = "cache_creation" | "inference_geo" | "server_tool_use" | "service_tier" | "speed";
type UntoldMessage = "container" | "diagnostics";

/** Present if there is something to report; the SDK wants null otherwise. */
type Usage1 = Fields<sdk1.Usage, UntoldUsage | "output_tokens_details"> &
  Partial<Pick<sdk1.Usage, "output_tokens_details">>;
type DeltaUsage1 = Fields<sdk1.MessageDeltaUsage, "server_tool_use" | "output_tokens_details"> &
  Partial<Pick<sdk1.MessageDeltaUsage, "output_tokens_details">>;
/** Claude Code fails on a `caller` of null, and no caller of ours is Anthropic's sandbox. */
type ToolUse1 = Fields<sdk1.ToolUseBlock, "caller">;
type Block1 = Exclude<sdk1.ContentBlock, sdk1.ToolUseBlock> | ToolUse1;
type Message1 = Fields<sdk1.Message, UntoldMessage | "usage" | "content" | "stop_details"> &
  Partial<Pick<sdk1.Message, "stop_details">> & { usage: Usage1; content: Block1[] };

type Usage0 = Fields<sdk0.Usage, UntoldUsage | "output_tokens_details">;
type Message0 = Fields<sdk0.Message, UntoldMessage | "usage" | "content" | "stop_details">;

/** What only beta clients get, because only they ask for it. */
type OursUsual = Fields<ours.Message, "stop_reason" | "content" | "context_management"> & {
  stop_reason: Exclude<ours.StopReason, "compaction"> | null;
  content: Exclude<ours.ContentBlock, ours.ReplyCompactionBlock>[];
};

describe("what we send fits the SDK's types", () => {
  test("messages", () => {
    fits<OursUsual, Message1>();
    fits<OursUsual, Message0>();
    fits<ours.MessageUsage, Usage0>();
    fits<ours.StopReason, beta1.BetaStopReason>();
    fits<Exclude<ours.StopReason, "compaction">, sdk0.StopReason>();
    fits<NonNullable<ours.Message["context_management"]>, beta1.BetaContextManagementResponse>();
    type Told = "type" | "content" | "encrypted_content";
    fits<Pick<ours.ReplyCompactionBlock, Told>, Pick<beta1.BetaCompactionBlock, Told>>();
    fits<ours.StopDetails, sdk1.RefusalStopDetails>();
  });

  test("stream events", () => {
    type Event<Type extends ours.StreamEvent["type"]> = Extract<ours.StreamEvent, { type: Type }>;
    // The SDK handles ping and error before its event types begin.
    nothing<Exclude<ours.StreamEvent["type"], sdk1.RawMessageStreamEvent["type"] | "ping" | "error">>();
    nothing<Exclude<sdk1.RawMessageStreamEvent["type"], ours.StreamEvent["type"]>>();
    fits<OursUsual["content"][number], Block1>();
    type Delta = Event<"content_block_delta">["delta"];
    type UsualDelta = Exclude<Delta, { type: "compaction_delta" }>;
    fits<Extract<Delta, { type: "compaction_delta" }>, beta1.BetaCompactionContentBlockDelta>();
    fits<UsualDelta, sdk1.RawContentBlockDeltaEvent["delta"]>();
    fits<UsualDelta, sdk0.RawContentBlockDeltaEvent["delta"]>();
    fits<Event<"content_block_stop">, sdk1.RawContentBlockStopEvent>();
    fits<Event<"message_stop">, sdk1.RawMessageStopEvent>();
    fits<Event<"message_delta">["usage"], DeltaUsage1>();
    type Delta1 = sdk1.RawMessageDeltaEvent["delta"];
    fits<
      Event<"message_delta">["delta"],
      Fields<Delta1, "container" | "stop_details" | "stop_reason"> & {
        stop_reason: beta1.BetaStopReason | null;
      }
    >();
  });
});

test("a request with everything the SDK knows is read without loss", () => {
  const cache_control = { type: "ephemeral", ttl: "1h" } as const;
  const image: sdk1.ImageBlockParam = {
    type: "image",
    source: { type: "base64", media_type: "image/png", data: "aGk=" },
  };
  const document: sdk1.DocumentBlockParam = {
    type: "document",
    title: "T",
    source: { type: "content", content: [{ type: "text", text: "x" }, image] },
  };
  const params: sdk0.MessageCreateParamsStreaming = {
    model: "claude-opus-5-5",
    max_tokens: 100,
    stream: true,
    temperature: 0.5,
    top_k: 3,
    system: [{ type: "text", text: "Be brief", cache_control }],
    thinking: { type: "enabled", budget_tokens: 50, display: "omitted" },
    output_config: { effort: "xhigh", format: { type: "json_schema", schema: { type: "object" } } },
    metadata: { user_id: "u" },
    tool_choice: { type: "any", disable_parallel_tool_use: true },
    tools: [
      { name: "t", description: "d", input_schema: { type: "object", properties: {} }, cache_control },
      { type: "bash_20250124", name: "bash" },
      { type: "web_search_20250305", name: "web_search", max_uses: 3 },
    ],
    messages: [
      { role: "user", content: "Hi" },
      { role: "system", content: [{ type: "text", text: "Aside", cache_control }] },
      {
        role: "assistant",
        content: [
          { type: "thinking", thinking: "Hm", signature: "s" },
          { type: "redacted_thinking", data: "d" },
          { type: "text", text: "Ok" },
          { type: "tool_use", id: "toolu_1", name: "t", input: { a: 1 } },
          { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: { query: "q" } },
          { type: "web_search_tool_result", tool_use_id: "srvtoolu_1", content: [] },
        ],
      },
      {
        role: "user",
        content: [
          { type: "tool_result", tool_use_id: "toolu_1", is_error: true, content: [image, document] },
          document,
          { type: "search_result", source: "s", title: "t", content: [{ type: "text", text: "x" }] },
        ],
      },
    ],
  };
  const request = readMessagesRequest(bodyOf(JSON.stringify(params)));
  expect(request).toMatchObject({
    ...params,
    tools: [
      { type: "custom", name: "t" },
      { type: "typed", family: "bash" },
      { type: "typed", family: "web_search" },
    ],
    messages: [{ role: "user", content: [{ type: "text", text: "Hi" }] }, ...params.messages.slice(1)],
  });
});
