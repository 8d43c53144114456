/**
 * How backends differ: the type `Quirks`, in groups of one subject, and `commonQuirks`, which suits an unknown server.
 * Each backend lists only its differences from `commonQuirks`. Names providers in comments only.
 */
import type { ErrorKind } from "../errors.ts";

/** The wire formats that backends speak. `upstream/protocol.ts` says what each must offer. */
export const protocolNames = ["chat", "responses", "anthropic"] as const;
export type ProtocolName = (typeof protocolNames)[number];

/** Those that every conversation is converted to, and between which a model may be moved. */
export const convertedProtocols = ["chat", "responses"] as const satisfies readonly ProtocolName[];
export type ConvertedProtocol = (typeof convertedProtocols)[number];

/** From weakest to strongest. */
export const reasoningEfforts = ["minimal", "low", "medium", "high", "xhigh", "max"] as const;
export type ReasoningEffort = (typeof reasoningEfforts)[number];

export type Quirks = {
  /** The backend's name, for the log. */
  readonly name: string;
  readonly request: RequestQuirks;
  readonly messages: MessageQuirks;
  readonly tools: ToolQuirks;
  readonly toolChoice: ToolChoiceQuirks;
  readonly media: MediaQuirks;
  readonly sampling: SamplingQuirks;
  readonly json: JsonQuirks;
  readonly reasoning: ReasoningQuirks;
  readonly caching: CachingQuirks;
  readonly web: WebQuirks;
  readonly usage: UsageQuirks;
  readonly errors: ErrorQuirks;
  readonly native: NativeQuirks;
};

/** Fields that concern the request as a whole. */
type RequestQuirks = {
  /** The protocol that suits the model best at this backend. */
  readonly protocol: ConvertedProtocol;
  /** The header that carries the backend key. */
  readonly auth: "bearer" | "api-key";
  /** Further headers that it insists on. */
  readonly headers: Readonly<Record<string, string>>;
  readonly maxTokensField: "max_tokens" | "max_completion_tokens";
  /** The smallest limit of an answer that is accepted, in tokens. */
  readonly minTokens: number;
  /** The field that identifies the user. */
  readonly userId: "none" | "user" | "safety_identifier";
  /** Whether `service_tier` takes OpenAI's values. */
  readonly serviceTier: boolean;
  /** How many models `models` may list, the requested one and its fallbacks; 0 if there is no such field. */
  readonly maxModels: number;
  /** Whether `user-agent` names the client too, because the backend serves only certain programs. */
  readonly namesClient: boolean;
  /** Whether the server has one model, which answers to every name. */
  readonly anyModelName: boolean;
  /** Whether an answer in one piece ends with its connection, so that nothing is generated for a client that has left. */
  readonly wholeAnswers: boolean;
};

type MessageQuirks = {
  readonly systemRole: "system" | "developer";
  /** A system message in mid-conversation: its own message, or a reminder inside the user's turn. */
  readonly midSystem: "reminder" | "system" | "developer";
  /** Whether a user message may follow tool results; if not, a short assistant message goes between them. */
  readonly userAfterTool: boolean;
  /** `content` of an assistant message that contains only tool calls. */
  readonly emptyAssistantContent: null | "" | " ";
  /** How a trailing assistant message is marked as the beginning of the reply. */
  readonly prefill: "plain" | "prefix" | "partial" | "continue-final-message";
  /** Whether the model may reason before it goes on with a trailing assistant message; if not, it is kept from it. */
  readonly prefillWithReasoning: boolean;
  /** Whether the reply repeats a trailing assistant message. */
  readonly repeatsPrefill: boolean;
};

type ToolQuirks = {
  /** How many tools a request may offer. */
  readonly max: number;
  /**
   * What a tool's schema may contain: anything; no branches at the root; Moonshot's subset, where types are inside
   * the branches and a reference has no siblings; or Gemini's subset of OpenAPI.
   */
  readonly schema: "plain" | "object-root" | "typed-branches" | "openapi";
  /** Patterns of strings: those that every engine compiles, or none. The others are told in words. */
  readonly patterns: "portable" | "none";
  /** Whether schemas become a grammar, for which each needs a type or branches, and references must be pointers. */
  readonly grammar: boolean;
  /** Schemas that were refused, by the backend's name of the tool; `""` stands for all of them. */
  readonly refusedSchemas: Readonly<Record<string, SchemaLoss>>;
  /** Maximum characters of a description; the rest is told in the system prompt. */
  readonly maxDescription: number;
  /** Whether a function may be marked `strict`. */
  readonly strict: boolean;
  /** Whether `parallel_tool_calls` may be sent. */
  readonly parallelCalls: boolean;
  /**
   * Ids of tool calls: the backend's own, even where clients need another form; those that fit OpenAI's rule; or nine
   * letters and digits.
   */
  readonly callIds: "keep" | "short" | "nine";
  /** Fields to send whenever tools are offered. */
  readonly extras: Fields;
};

/** What a schema gave up to be accepted: keywords; all but the basic ones; or everything, which is told in words. */
export type SchemaLoss = { readonly keywords: readonly string[]; readonly form: "full" | "basic" | "open" };

type ToolChoiceQuirks = {
  /** What `tool_choice: any` becomes; with `auto` and `omit`, the model is also asked in words. */
  readonly any: "required" | "any" | "auto" | "omit";
  /** What `tool_choice: tool` becomes: the named form, only that tool with the `any` form, or words. */
  readonly named: "function" | "only-tool" | "auto";
  /** What `tool_choice: none` becomes: the word, or no tools at all. */
  readonly none: "none" | "omit-tools";
  /** Whether a call can be forced while the model reasons; if not, forcing one switches reasoning off. */
  readonly forcedWithReasoning: boolean;
};

type MediaQuirks = {
  /** Images in tool results: inside the tool message, or in a user message after all of them. */
  readonly toolResultImages: "in-place" | "after";
  /** Images by URL: passed on, or refused because the backend accepts only data URLs. */
  readonly imageUrls: boolean;
  /** PDFs: a native `file` part, Mistral's `document_url` part, or their text. */
  readonly documents: "file" | "document-url" | "text";
  /** Documents by URL: passed on for the backend to fetch, or named in a note. */
  readonly documentUrls: boolean;
};

type SamplingQuirks = {
  /** Whether `temperature` and `top_p` may be sent. */
  readonly allowed: boolean;
  readonly temperatureRange: Range;
  readonly topPRange: Range;
  /** Whether `top_k` may be sent. */
  readonly topK: boolean;
  /** How many stop sequences the backend accepts; all of them are enforced here as well. */
  readonly maxStops: number;
};

/** Minimum and maximum value. */
type Range = readonly [from: number, to: number];

type JsonQuirks = {
  /** How a JSON reply is asked for: with its schema, as any JSON plus words, or in words alone. */
  readonly format: "json_schema" | "json_object" | "none";
  /** Whether `response_format` may be sent together with tools. */
  readonly withTools: boolean;
};

/** The fields of a request that ask for reasoning, in the backend's format; empty if it cannot be asked for. */
type ReasoningRequest = {
  /** Switch reasoning on. */
  readonly on: Fields;
  /** Switch it off, or ask for as little as possible. */
  readonly off: Fields;
  /** Ask for an effort, which replaces `"{effort}"`. */
  readonly effort: Fields;
  /** Limit its tokens; their number replaces `"{budget}"`. */
  readonly budget: Fields;
};

type Fields = Readonly<Record<string, unknown>>;

/** For models that cannot be asked to reason. */
export const noReasoning: ReasoningRequest = { on: {}, off: {}, effort: {}, budget: {} };

type ReasoningQuirks = ReasoningRequest & {
  /** The efforts that the backend accepts; any other becomes the nearest of them. */
  readonly efforts: readonly ReasoningEffort[];
  /** The budget that means an effort, in tokens, for backends that accept only budgets. */
  readonly budgetOf: Readonly<Partial<Record<ReasoningEffort, number>>>;
  /** Whether reasoning may be asked for when tools are offered. */
  readonly withTools: boolean;
  /** Fields to send unless reasoning is switched off. */
  readonly extras: Fields;
  /** How reasoning of earlier turns is sent back. */
  readonly replay:
    | "none"
    /** As text in this field. */
    | "reasoning_content"
    | "reasoning"
    /** The original items, else text. */
    | "reasoning_details"
    /** The original signature, on its original call. */
    | "thought-signature"
    /** As a part of the content. */
    | "thinking-part"
    /** The original items, in their original places: `/responses`. */
    | "items";
  /** Items that the backend refused to take back, by their digests. */
  readonly refusedItems: readonly string[];
  /** Which assistant messages must have the reasoning field, even if it is empty. */
  readonly required: "never" | "tool-turns" | "every-turn";
  /** What it is then, without any reasoning; the model would imitate a made-up sentence. */
  readonly fill: "" | " ";
  /** Whether reasoning may arrive as `<think>` tags inside the text. */
  readonly thinkTags: boolean;
};

type CachingQuirks = {
  /** Whether parts and tools may carry `cache_control`. */
  readonly marks: boolean;
  /** Whether `cache_control` on the whole request asks for automatic caching; if not, the last part gets it. */
  readonly automatic: boolean;
  /** Whether a mark is written as `prompt_cache_breakpoint`, on parts only. */
  readonly breakpoints: boolean;
  /** The field that groups requests with a common prefix. */
  readonly keyField: "none" | "prompt_cache_key" | "session_id";
};

type WebQuirks = {
  /** How the web is searched within a request. */
  readonly search:
    | "none"
    /** A `web_search` tool that the backend runs; the only form that works together with other tools. */
    | "server-tool"
    /** `web_search_options`. */
    | "search-options"
    /** Groq's `search_settings`. */
    | "search-settings"
    /** Z.ai's tool of type `web_search`. */
    | "search-tool"
    /** Qwen's `enable_search`. */
    | "enable-search"
    /** The model always searches; Perplexity's `search_domain_filter` says where. */
    | "domain-filter";
  /** The model to use when a request only wants a search and the requested model cannot search. */
  readonly searchModel: string | undefined;
  /** Whether pages are fetched for the model, by a `web_fetch` tool that the backend runs. */
  readonly fetch: boolean;
  /** What the types of such tools begin with. */
  readonly serverToolPrefix: string;
  /** Whether a search tells its pages when asked to; `/responses`. */
  readonly sources: boolean;
};

type UsageQuirks = {
  /** Whether `stream_options.include_usage` may be sent. */
  readonly inStream: boolean;
  /** How `completion_tokens` treats reasoning: counted in, left out, or hidden in `total_tokens`. */
  readonly reasoning: "included" | "excluded" | "in-total";
};

type ErrorQuirks = {
  /** What the backend's own error codes mean, in lower case, where no other server uses them in the same sense. */
  readonly codes: Readonly<Record<string, ErrorKind>>;
};

/** What a backend that takes Anthropic's own format does not know of it. */
type NativeQuirks = {
  /** Whether it refuses thinking that it has not signed itself. */
  readonly checksSignatures: boolean;
  /** The types of `thinking` that it knows. */
  readonly thinking: readonly ThinkingType[];
  /** The efforts that it knows, the nearest of which is taken; none if it knows no such field. */
  readonly efforts: readonly ReasoningEffort[];
  /** Fields of the request that it refuses. */
  readonly unknownFields: readonly string[];
  /** Whether it knows tools that Anthropic runs, their blocks, and system messages in mid-conversation. */
  readonly isComplete: boolean;
  /** Whether it counts tokens at `/count_tokens`. */
  readonly countsTokens: boolean;
};

export const thinkingTypes = ["enabled", "adaptive", "between_tools", "disabled"] as const;
type ThinkingType = (typeof thinkingTypes)[number];

/** Only what every OpenAI-compatible server accepts. */
export const commonQuirks: Quirks = {
  name: "generic",
  request: {
    protocol: "chat",
    auth: "bearer",
    headers: {},
    maxTokensField: "max_tokens",
    minTokens: 1,
    userId: "none",
    serviceTier: false,
    maxModels: 0,
    namesClient: false,
    anyModelName: false,
    wholeAnswers: false,
  },
  messages: {
    systemRole: "system",
    midSystem: "reminder",
    userAfterTool: true,
    emptyAssistantContent: null,
    prefill: "plain",
    prefillWithReasoning: true,
    repeatsPrefill: false,
  },
  tools: {
    max: Number.POSITIVE_INFINITY,
    schema: "plain",
    patterns: "portable",
    grammar: false,
    refusedSchemas: {},
    maxDescription: Number.POSITIVE_INFINITY,
    strict: false,
    parallelCalls: true,
    callIds: "keep",
    extras: {},
  },
  toolChoice: { any: "required", named: "function", none: "none", forcedWithReasoning: true },
  media: { toolResultImages: "after", imageUrls: true, documents: "text", documentUrls: false },
  sampling: { allowed: true, temperatureRange: [0, 2], topPRange: [0, 1], topK: false, maxStops: 4 },
  json: { format: "json_schema", withTools: true },
  reasoning: {
    ...noReasoning,
    efforts: ["low", "medium", "high"],
    budgetOf: {},
    withTools: true,
    extras: {},
    replay: "reasoning_content",
    refusedItems: [],
    required: "never",
    fill: "",
    thinkTags: true,
  },
  caching: { marks: false, automatic: false, breakpoints: false, keyField: "none" },
  web: { search: "none", searchModel: undefined, fetch: false, serverToolPrefix: "", sources: false },
  usage: { inStream: true, reasoning: "included" },
  errors: { codes: {} },
  native: {
    checksSignatures: true,
    thinking: thinkingTypes,
    efforts: reasoningEfforts,
    unknownFields: [],
    isComplete: true,
    countsTokens: true,
  },
};

/** The differences from other quirks: of each group, only the fields that differ. */
export type QuirkChanges = { readonly [Group in Exclude<keyof Quirks, "name">]?: Partial<Quirks[Group]> };

/** The differences for models whose name matches. */
export type ModelRule = readonly [model: RegExp, changes: QuirkChanges];

/** The quirks with changes applied in order, field by field within each group. */
export function changeQuirks(quirks: Quirks, ...changes: readonly QuirkChanges[]): Quirks {
  return changes.reduce<Quirks>(
    (before, change) => ({
      name: before.name,
      request: { ...before.request, ...change.request },
      messages: { ...before.messages, ...change.messages },
      tools: { ...before.tools, ...change.tools },
      toolChoice: { ...before.toolChoice, ...change.toolChoice },
      media: { ...before.media, ...change.media },
      sampling: { ...before.sampling, ...change.sampling },
      json: { ...before.json, ...change.json },
      reasoning: { ...before.reasoning, ...change.reasoning },
      caching: { ...before.caching, ...change.caching },
      web: { ...before.web, ...change.web },
      usage: { ...before.usage, ...change.usage },
      errors: { ...before.errors, ...change.errors },
      native: { ...before.native, ...change.native },
    }),
    quirks,
  );
}
