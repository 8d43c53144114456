/**
 * Compares the bodies we write with OpenAI's own types, at compile time. Extensions of other providers are taken out
 * first; each line says whose they are.
 */
import { expect, test } from "bun:test";
import type OpenAI from "openai";
import type { ContentPart, TextPart } from "../../../src/upstream/content/parts.ts";
import type { ChatMessage, ChatRequest, ThinkingPart } from "../../../src/upstream/openai-chat/wire.ts";
import type { FunctionTool } from "../../../src/upstream/tools/write-tools.ts";
import type { AsJson } from "../../support/as-json.ts";

type Params = OpenAI.ChatCompletionCreateParams;
type DocumentPart = Extract<AsJson<ContentPart>, { type: "document_url" }>;
type Media = Extract<AsJson<ContentPart>, { type: "image_url" | "file" | "document_url" }>;
type Of<Role> = AsJson<Extract<ChatMessage, { role: Role }>>;

const holds = <_Ours extends Theirs, Theirs>() => true;

test("messages are among OpenAI's, but for what single backends add", () => {
  holds<
    Of<"system" | "developer">,
    OpenAI.ChatCompletionSystemMessageParam | OpenAI.ChatCompletionDeveloperMessageParam
  >();
  // Mistral: documents by address.
  type UserContent = string | Exclude<Extract<Of<"user">["content"], unknown[]>[number], DocumentPart>[];
  holds<Omit<Of<"user">, "content"> & { content: UserContent }, OpenAI.ChatCompletionUserMessageParam>();
  // Mistral: thinking parts.
  type AssistantContent =
    | Exclude<Of<"assistant">["content"], unknown[] | null>
    | Exclude<Extract<Of<"assistant">["content"], unknown[]>[number], ThinkingPart>[]
    | null;
  holds<
    Omit<Of<"assistant">, "content"> & { content: AssistantContent },
    OpenAI.ChatCompletionAssistantMessageParam
  >();
  // OpenRouter: images and files in tool messages.
  type ToolContent = string | Exclude<Extract<Of<"tool">["content"], unknown[]>[number], Media>[];
  holds<Omit<Of<"tool">, "content"> & { content: ToolContent }, OpenAI.ChatCompletionToolMessageParam>();
  expect(holds<TextPart, OpenAI.ChatCompletionContentPartText>()).toBe(true);
});

test("tools and parameters are among OpenAI's, but for what single backends add", () => {
  holds<FunctionTool, OpenAI.ChatCompletionTool>();
  // Mistral: `any`.
  holds<Exclude<ChatRequest["tool_choice"], "any" | undefined>, OpenAI.ChatCompletionToolChoiceOption>();
  type Standard =
    | "model"
    | "stream"
    | "stream_options"
    | "max_tokens"
    | "max_completion_tokens"
    | "temperature"
    | "top_p"
    | "stop"
    | "parallel_tool_calls"
    | "response_format"
    | "user"
    | "safety_identifier"
    | "prompt_cache_key"
    | "service_tier";
  expect(holds<Required<Pick<ChatRequest, Standard>>, Required<Pick<Params, Standard>>>()).toBe(true);
});
