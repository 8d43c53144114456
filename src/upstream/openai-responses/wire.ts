/**
 * The parts of OpenAI's `/responses` that we write, as strict types. Whatever a server sends is `unknown` until checked.
 * Source: `openai` package types; the compile-time test `test/upstream/openai-responses/wire.test.ts` compares the two.
 */
import type { DataUrl } from "../content/data-url.ts";

type InputText = { type: "input_text"; text: string; prompt_cache_breakpoint?: { mode: "explicit" } };
type InputImage = { type: "input_image"; image_url: string | DataUrl; detail: "auto" };
type InputFile =
  | { type: "input_file"; filename: string; file_data: string | DataUrl }
  | { type: "input_file"; file_url: string | DataUrl };
export type InputPart = InputText | InputImage | InputFile;

/** What a message is for, in the words of models from gpt-5.3-codex on; they do worse without it. */
export type Phase = "commentary" | "final_answer";

export type InputMessage =
  | { type: "message"; role: "user" | "system" | "developer"; content: string | InputPart[] }
  | { type: "message"; role: "assistant"; content: string; phase?: Phase };

type FunctionCall = { type: "function_call"; call_id: string; name: string; arguments: string };
export type FunctionCallOutput = {
  type: "function_call_output";
  call_id: string;
  output: string | InputPart[];
};

/** As it came, without its status. */
export type ReasoningItem = {
  type: "reasoning";
  id: string;
  summary: { type: "summary_text"; text: string }[];
  content?: { type: "reasoning_text"; text: string }[];
  encrypted_content?: string;
};

export type InputItem = InputMessage | FunctionCall | FunctionCallOutput | ReasoningItem;

export type ResponsesFunction = {
  type: "function";
  name: string;
  description?: string;
  parameters: Record<string, unknown>;
  /** Strict if left out. */
  strict: boolean;
};

export type WebSearchTool = {
  type: "web_search";
  filters?: { allowed_domains: string[] };
  user_location?: { type: "approximate" } & Partial<
    Record<"city" | "region" | "country" | "timezone", string | undefined>
  >;
};

/** The body without the fields that ask for reasoning. */
export type ResponsesRequest = {
  model: string;
  input: InputItem[];
  stream: boolean;
  store: false;
  include?: ("reasoning.encrypted_content" | "web_search_call.action.sources")[];
  max_output_tokens: number;
  temperature?: number;
  top_p?: number;
  tools?: (ResponsesFunction | WebSearchTool)[];
  tool_choice?:
    | "auto"
    | "none"
    | "required"
    | { type: "function"; name: string }
    | { type: "allowed_tools"; mode: "required"; tools: { type: "web_search" }[] };
  parallel_tool_calls?: false;
  max_tool_calls?: number;
  text?: {
    format:
      | { type: "json_object" }
      | { type: "json_schema"; name: string; schema: Record<string, unknown>; strict?: boolean };
  };
  user?: string;
  safety_identifier?: string;
  prompt_cache_key?: string;
  service_tier?: "default" | "priority";
};
