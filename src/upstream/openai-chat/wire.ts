/**
 * The parts of OpenAI's `/chat/completions` that we write, as strict types, and that we read, as lenient ones:
 * whatever a server sends is `unknown` until checked. Source: `openai` package types; the compile-time test
 * `test/upstream/openai-chat/wire.test.ts` compares the written half with them.
 */
import type { ContentPart, TextPart } from "../content/parts.ts";
import type { FunctionTool, ToolFields } from "../tools/write-tools.ts";

/** Mistral's reasoning inside the content. */
export type ThinkingPart = {
  readonly type: "thinking";
  readonly thinking: TextPart[];
  readonly closed: true;
};

export type ToolCall = {
  readonly id: string;
  readonly type: "function";
  readonly function: { readonly name: string; readonly arguments: string };
  readonly extra_content?: { google: { thought_signature: string } };
};

type AssistantMessage = {
  readonly role: "assistant";
  readonly content: string | (TextPart | ThinkingPart)[] | null;
  readonly tool_calls?: ToolCall[];
  readonly reasoning_content?: string;
  readonly reasoning?: string;
  readonly reasoning_details?: unknown[];
  /** A prefill, for Mistral and Moonshot. */
  readonly prefix?: true;
  readonly partial?: true;
};

export type ChatMessage =
  | { readonly role: "system" | "developer"; readonly content: string | TextPart[] }
  | { readonly role: "user"; readonly content: string | ContentPart[] }
  | AssistantMessage
  | {
      readonly role: "tool";
      readonly tool_call_id: string;
      readonly content: string | ContentPart[];
    };

export type ChatTool = FunctionTool | ServedTool;

/** The body without the fields that ask for reasoning: each backend's file has its own. */
export type ChatRequest = ToolFields & {
  model: string;
  messages: ChatMessage[];
  stream: boolean;
  stream_options?: { include_usage: true };
  max_tokens?: number;
  max_completion_tokens?: number;
  temperature?: number;
  top_p?: number;
  top_k?: number;
  stop?: string[];
  response_format?:
    | { type: "json_object" }
    | {
        type: "json_schema";
        json_schema: { name: string; schema: Record<string, unknown>; strict?: boolean };
      };
  user?: string;
  safety_identifier?: string;
  prompt_cache_key?: string;
  session_id?: string;
  service_tier?: "default" | "priority";
  /** OpenRouter: the model and its fallbacks. */
  models?: string[];
  /** vLLM: continue the last message. */
  continue_final_message?: true;
  add_generation_prompt?: false;
};

/** A tool that the backend runs itself during its answer. The cache has no mark for it. */
export type ServedTool = (OpenRouterSearch | OpenRouterFetch | ZaiSearch) & {
  readonly cache_control?: undefined;
};

type OpenRouterSearch = {
  /** `openrouter:web_search` */
  type: string;
  parameters: {
    max_uses?: number;
    allowed_domains?: readonly string[];
    excluded_domains?: readonly string[];
    user_location?: { type: "approximate" } & Location;
  };
};

type OpenRouterFetch = {
  /** `openrouter:web_fetch` */
  type: string;
  parameters: {
    max_uses?: number;
    max_content_tokens?: number;
    allowed_domains?: readonly string[];
    blocked_domains?: readonly string[];
  };
};

type ZaiSearch = {
  type: "web_search";
  web_search: {
    enable: true;
    search_engine: string;
    search_result: true;
    search_query?: string;
    search_domain_filter?: string;
  };
};

type Location = Partial<Record<"city" | "region" | "country" | "timezone", string | undefined>>;

/** What makes a backend search; overwrites the fields of the same names. */
export type SearchFields = {
  stream?: false;
  tools?: ChatTool[];
  /** OpenRouter */
  tool_choice?: { type: string };
  web_search_options?: {
    user_location?: { type: "approximate"; approximate: Location } | { country: string };
  };
  /** Groq */
  search_settings?: { include_domains?: readonly string[]; exclude_domains?: readonly string[] };
  compound_custom?: { tools: { enabled_tools: string[] } };
  /** Qwen */
  enable_search?: true;
  search_options?: { forced_search: true; assigned_site_list?: readonly string[] };
  /** Perplexity: sites, or sites with a minus sign in front. */
  search_domain_filter?: string[];
};
