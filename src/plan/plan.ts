/**
 * Room `plan/`: every decision about a request. Not here: conversion, I/O, names of providers.
 *
 * Every decision is made once, before any conversion. Protocols and `send` see only the Plan.
 */
import type { Body } from "../anthropic/cut-attachments.ts";
import type { Effort, MessagesRequest, Thinking } from "../anthropic/wire.ts";
import type { Quirks } from "../catalog/quirks.ts";
import type { Config } from "../config/read-config.ts";
import { once } from "../lib/once.ts";
import type { TraceContext } from "../telemetry/otlp/trace-context.ts";
import { wantsWhole } from "./choose-form.ts";
import { chooseFormat, type JsonFormat } from "./choose-format.ts";
import type { Target, Way } from "./choose-target.ts";
import { chooseTools, type ToolUse } from "./choose-tools.ts";
import { clampBudget, clampMaxTokens } from "./clamp-limits.ts";
import { listTools, type ToolList } from "./list-tools.ts";
import { mapModel } from "./map-model.ts";
import { listOwnTools, type OwnTool } from "./own-tools.ts";
import { hasServedTools, planWeb, type WebUse } from "./plan-web-search.ts";
import type { PromptSize } from "./size/predict-size.ts";
import type { TokenCounter } from "./size/tokens.ts";
import { unfoldOwnCalls } from "./unfold-own-calls.ts";

/** What the client asked for. `on` is undefined if it asked for nothing, so that the backend's default holds. */
type Reasoning = {
  readonly on: boolean | undefined;
  readonly effort: Effort | undefined;
  readonly budgetTokens: number | undefined;
};

/**
 * What the client sees of the reasoning: all of it; only its signatures (`thinking.display: "omitted"`); or nothing, if
 * it wants none (`thinking.type: "disabled"`), whatever the backend does.
 */
type ReasoningDisplay = "text" | "signature" | "nothing";

export type Plan = Target &
  WebUse & {
    readonly request: MessagesRequest;
    /** The backend's names of the fallback models, best first, for backends that try them. */
    readonly fallbackModels: readonly string[];
    readonly maxTokens: number;
    /** The prompt's tokens, estimated on the first call: most short prompts need no estimate. */
    readonly size: () => PromptSize;
    /** Tokens that no prompt for this model may exceed; undefined if unknown. */
    readonly hardWindow: number | undefined;
    /** Whether it pays to remember how the conversation was written. */
    readonly isLong: boolean;
    readonly reasoning: Reasoning;
    /** The tools that the proxy runs for the model. */
    readonly ownTools: readonly OwnTool[];
    /** All tools of the conversation. */
    readonly tools: ToolList;
    /** The tools that are sent, and what is said about calling them. */
    readonly toolUse: ToolUse;
    readonly format: JsonFormat | undefined;
    /** The backend is asked for one JSON message instead of a stream. */
    readonly wholeAnswer: boolean;
    readonly showReasoning: ReasoningDisplay;
    /** The client wants one tool call at a time. */
    readonly serialTools: boolean;
    /** Groups the requests of one session for the backend's prompt cache. */
    readonly sessionId: string | undefined;
    /** `user-agent` of the client, for backends that want to know it. */
    readonly clientAgent: string | undefined;
    /** The trace that goes on at the backend; undefined if there is none. */
    readonly trace: TraceContext | undefined;
    /** The client's request as it came, for backends that take it as it is; undefined if it is the proxy's own. */
    readonly original?: Body | undefined;
    readonly caller: ClientHeaders | undefined;
  };

/** What a client says in its headers, for backends that take its requests as they came. */
export type ClientHeaders = {
  /** The version and the betas of the API. */
  readonly headers: Readonly<Record<string, string>>;
  /** What the program says of itself, without which its login may be refused. */
  readonly client: Readonly<Record<string, string>>;
  /** Its own key or login. Secret: for backends that take the caller's key, and for nobody else. */
  readonly credentials: Readonly<Record<string, string>>;
};

/** What a plan is made from, besides the request and its target. */
export type PlanContext = {
  readonly config: Pick<Config, "models" | "limits" | "search">;
  readonly tokens: Pick<TokenCounter, "estimate">;
  /** Bytes of the client's request; undefined for one of the proxy's own. */
  readonly bodyBytes?: number | undefined;
  readonly sessionId: string | undefined;
  readonly clientAgent?: string | undefined;
  readonly trace?: TraceContext | undefined;
  readonly caller?: ClientHeaders | undefined;
};

/** Shorter conversations are written as fast as they are looked up. */
const minLongBytes = 8000;

/**
 * @param given what will be sent: everything that rewrites a request for its target has run
 * @throws ProxyError `invalid-request` if the request contradicts itself
 */
export function makePlan(given: MessagesRequest, target: Target, context: PlanContext): Plan {
  const { config, tokens } = context;
  const { quirks, model, facts, url } = target;
  const { webSearch, webFetch } = planWeb(given, quirks);
  const ownTools = listOwnTools(given, !webSearch && config.search.api !== undefined);
  const messages = unfoldOwnCalls(given.messages, ownTools);
  const request = messages === given.messages ? given : { ...given, messages: [...messages] };
  const reasoning = readReasoning(request, quirks);
  const { on, effort, budgetTokens } = reasoning;
  const tools = listTools(request, ownTools);
  const { toolUse, format } = chooseWording({
    webSearch,
    webFetch,
    request,
    tools,
    ownTools,
    quirks,
    reasoning,
  });
  const size = once(() => tokens.estimate({ request, quirks, toolUse, model, url }));
  const maxTokens = clampMaxTokens({
    requested: request.max_tokens,
    facts,
    limits: config.limits,
    reasoningOn: on === true,
    promptTokens: () => size().tokensWithoutMedia,
  });
  // Made for every request: spreading whole objects into it would take ten times as long as naming their fields.
  return {
    protocol: target.protocol,
    url,
    quirks,
    backend: target.backend,
    model,
    facts,
    otherWays: target.otherWays,
    request,
    fallbackModels: readFallbacks(request, config, target),
    maxTokens,
    size,
    hardWindow: facts?.hardWindow,
    isLong: (context.bodyBytes ?? 0) >= minLongBytes,
    reasoning: { on, effort, budgetTokens: clampBudget(budgetTokens, maxTokens) },
    ownTools,
    tools,
    webSearch,
    webFetch,
    toolUse,
    format,
    wholeAnswer: wantsWhole(request, maxTokens, quirks),
    showReasoning: chooseDisplay(request.thinking),
    serialTools: wantsSerialTools(request),
    sessionId: context.sessionId,
    trace: context.trace,
    clientAgent: quirks.request.namesClient ? context.clientAgent : undefined,
    caller: context.caller,
  };
}

/**
 * The plan for other quirks of the same target, as learned from a refusal: decides again how the request asks for
 * tools and JSON, and for what form of answer, and nothing else.
 */
export function adjustPlan(plan: Plan, quirks: Quirks): Plan {
  if (quirks === plan.quirks) return plan;
  const wholeAnswer = wantsWhole(plan.request, plan.maxTokens, quirks);
  return { ...plan, quirks, ...chooseWording({ ...plan, quirks }), wholeAnswer };
}

/**
 * The plan for another way to ask the same model: decides anew all that the quirks decide, for the same content.
 *
 * @param otherWays those that are left to try
 */
export function redirectPlan(plan: Plan, way: Way, otherWays: Plan["otherWays"]): Plan {
  const { request } = plan;
  const { quirks } = way;
  const reasoning = { ...readReasoning(request, quirks), budgetTokens: plan.reasoning.budgetTokens };
  const web = planWeb(request, quirks);
  return {
    ...plan,
    ...way,
    otherWays,
    reasoning,
    ...web,
    ...chooseWording({ ...plan, ...web, quirks, reasoning }),
    wholeAnswer: wantsWhole(request, plan.maxTokens, quirks),
  };
}

function chooseWording(input: Parameters<typeof chooseTools>[0]): Pick<Plan, "toolUse" | "format"> {
  const toolUse = chooseTools(input);
  const hasTools = toolUse.functions.length > 0 || hasServedTools(input);
  return { toolUse, format: chooseFormat(input.request, input.quirks, hasTools) };
}

/**
 * What the client asked for. `disabled` overrides any effort, and effort without `thinking` asks for no reasoning:
 * Claude Code sends both combinations when the user has switched thinking off. In Anthropic's API a forced call
 * excludes reasoning, and so does a prefill; if it does in the backend too, reasoning is switched off explicitly, so
 * that the backend's default does not get in the way.
 */
function readReasoning(request: MessagesRequest, quirks: Quirks): Reasoning {
  const effort = chooseTurnEffort(request);
  const { thinking } = request;
  const off = { on: false, effort: undefined, budgetTokens: undefined };
  if (!quirks.messages.prefillWithReasoning && hasPrefill(request)) return off;
  switch (thinking?.type) {
    case undefined: {
      const isForced = request.tool_choice?.type === "any" || request.tool_choice?.type === "tool";
      const on = isForced && !quirks.toolChoice.forcedWithReasoning ? false : undefined;
      return { on, effort, budgetTokens: undefined };
    }
    case "disabled":
      return off;
    case "enabled":
      return { on: true, effort, budgetTokens: thinking.budget_tokens };
    case "adaptive":
    case "between_tools":
      return { on: true, effort, budgetTokens: undefined };
    default:
      return thinking satisfies never;
  }
}

/** Whether the client has begun the answer. */
function hasPrefill({ messages }: MessagesRequest): boolean {
  const last = messages.at(-1);
  return last?.role === "assistant" && !last.content.some(({ type }) => type === "tool_use");
}

/** Each model once, without the one that is tried first. */
function readFallbacks(
  { fallbacks }: MessagesRequest,
  { models }: Pick<Config, "models">,
  { model, quirks }: Target,
): readonly string[] {
  if (!fallbacks?.length) return [];
  const names = new Set(fallbacks.map((fallback) => mapModel(fallback.model, models)));
  names.delete(model);
  return [...names].slice(0, Math.max(0, quirks.request.maxModels - 1));
}

function wantsSerialTools({ tool_choice }: MessagesRequest): boolean {
  return tool_choice?.type !== "none" && tool_choice?.disable_parallel_tool_use === true;
}

function chooseDisplay(thinking: Thinking | null | undefined): ReasoningDisplay {
  if (thinking?.type === "disabled") return "nothing";
  return thinking?.display === "omitted" ? "signature" : "text";
}

/** Of the turn if a system message in it says so, else of the request. A turn begins when the user speaks. */
function chooseTurnEffort({ messages, output_config }: MessagesRequest): Effort | undefined {
  for (let at = messages.length - 1; at >= 0; at -= 1) {
    const message = messages[at];
    if (message?.role === "user" && message.content.some(({ type }) => type !== "tool_result")) break;
    if (message?.role === "system" && message.output_config?.effort) return message.output_config.effort;
  }
  return output_config?.effort ?? undefined;
}
