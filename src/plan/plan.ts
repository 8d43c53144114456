/**
 * Room `plan/`: every decision about a request. Not here: conversion, I/O, names of providers.
 *
 * Every decision about a request, taken once, before any conversion. Protocols and `send` see only the Plan.
 */
import type { Effort, MessagesRequest, Thinking } from "../anthropic/wire.ts";
import type { Quirks } from "../catalog/quirks.ts";
import type { Config } from "../config/read-config.ts";
import { chooseFormat, type JsonFormat } from "./choose-format.ts";
import { chooseTools, type ToolUse } from "./choose-tools.ts";
import { clampBudget, clampMaxTokens } from "./limits.ts";
import { mapModel } from "./model.ts";
import type { TokenCounter } from "./size/tokens.ts";
import type { Target } from "./target.ts";
import { listTools, type ToolList } from "./tools.ts";
import { hasServedTools, planWeb, type WebUse } from "./web-search.ts";

/** What the client wished for: `on` undefined means that it said nothing and the backend's default holds. */
type Reasoning = {
  readonly on: boolean | undefined;
  readonly effort: Effort | undefined;
  readonly budgetTokens: number | undefined;
};

export type Plan = Target &
  WebUse & {
    readonly request: MessagesRequest;
    /** The backend's names of the models to try when that one fails, best first; where the backend tries them. */
    readonly fallbackModels: readonly string[];
    readonly maxTokens: number;
    /** What the prompt will cost, estimated. */
    readonly promptTokens: number;
    /** What it will surely cost at least. */
    readonly minPromptTokens: number;
    /** What no prompt for this model may exceed, tokens; undefined where that is not known. */
    readonly hardWindow: number | undefined;
    readonly reasoning: Reasoning;
    /** All tools of the conversation. */
    readonly tools: ToolList;
    /** Those that are sent, and what is said about calling them. */
    readonly toolUse: ToolUse;
    readonly format: JsonFormat | undefined;
    /** Blank the reasoning towards the client, keep its signature (`thinking.display: "omitted"`). */
    readonly hideReasoning: boolean;
    /** The client wants one tool call at a time. */
    readonly serialTools: boolean;
    /** Groups the requests of one session for the backend's prompt cache. */
    readonly sessionId: string | undefined;
  };

/** What a plan is made from, besides the request and its target. */
export type PlanContext = {
  readonly config: Pick<Config, "models" | "limits">;
  readonly tokens: Pick<TokenCounter, "estimate">;
  readonly sessionId: string | undefined;
};

/**
 * @param request what is going to be sent: whatever rewrites a request for its target has done so
 * @throws ProxyError `invalid-request` when the request contradicts itself
 */
export function makePlan(request: MessagesRequest, target: Target, context: PlanContext): Plan {
  const { config, tokens, sessionId } = context;
  const { quirks, model, facts } = target;
  const reasoning = readReasoning(request, quirks);
  const tools = listTools(request);
  const web = planWeb(request, quirks);
  const wording = chooseWording({ ...web, request, tools, quirks, reasoning });
  const prompt = tokens.estimate({ ...target, request, toolUse: wording.toolUse });
  const maxTokens = clampMaxTokens({
    requested: request.max_tokens,
    facts,
    limits: config.limits,
    reasoningOn: reasoning.on === true,
    promptTokens: prompt.tokens,
  });
  return {
    ...target,
    request,
    fallbackModels: readFallbacks(request, config, model).slice(0, Math.max(0, quirks.request.maxModels - 1)),
    maxTokens,
    promptTokens: prompt.tokens,
    minPromptTokens: prompt.minTokens,
    hardWindow: facts?.hardWindow,
    reasoning: { ...reasoning, budgetTokens: clampBudget(reasoning.budgetTokens, maxTokens) },
    tools,
    ...web,
    ...wording,
    hideReasoning: displayOf(request.thinking) === "omitted",
    serialTools: wantsSerialTools(request),
    sessionId,
  };
}

/**
 * The plan for other quirks of the same target, as a refusal has taught them: decides again how the request asks for
 * tools and JSON, and nothing else.
 */
export function adjustPlan(plan: Plan, quirks: Quirks): Plan {
  return quirks === plan.quirks ? plan : { ...plan, quirks, ...chooseWording({ ...plan, quirks }) };
}

function chooseWording(wish: Parameters<typeof chooseTools>[0]): Pick<Plan, "toolUse" | "format"> {
  const toolUse = chooseTools(wish);
  const hasTools = toolUse.functions.length > 0 || hasServedTools(wish);
  return { toolUse, format: chooseFormat(wish.request, wish.quirks, hasTools) };
}

/**
 * What the client wishes. `disabled` beats any effort, and effort without `thinking` asks for no reasoning: Claude
 * Code sends both combinations when the user has switched thinking off. A forced call rules reasoning out at
 * Anthropic's API; where it does so at the backend too, the backend's default must not stand in its way.
 */
function readReasoning(request: MessagesRequest, quirks: Quirks): Reasoning {
  const effort = request.output_config?.effort ?? undefined;
  const { thinking } = request;
  switch (thinking?.type) {
    case undefined: {
      const isForced = request.tool_choice?.type === "any" || request.tool_choice?.type === "tool";
      const on = isForced && !quirks.toolChoice.forcedWithReasoning ? false : undefined;
      return { on, effort, budgetTokens: undefined };
    }
    case "disabled":
      return { on: false, effort: undefined, budgetTokens: undefined };
    case "enabled":
      return { on: true, effort, budgetTokens: thinking.budget_tokens };
    case "adaptive":
    case "between_tools":
      return { on: true, effort, budgetTokens: undefined };
  }
}

/** Each model once, without the one that is asked first. */
function readFallbacks(
  { fallbacks }: MessagesRequest,
  { models }: Pick<Config, "models">,
  model: string,
): string[] {
  const names = (fallbacks ?? []).map((fallback) => mapModel(fallback.model, models));
  return [...new Set(names)].filter((name) => name !== model);
}

function wantsSerialTools({ tool_choice }: MessagesRequest): boolean {
  return tool_choice?.type !== "none" && tool_choice?.disable_parallel_tool_use === true;
}

function displayOf(thinking: Thinking | null | undefined): string | undefined {
  return thinking && "display" in thinking ? (thinking.display ?? undefined) : undefined;
}
