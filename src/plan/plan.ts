/**
 * Room `plan/`: every decision about a request. Not here: conversion, I/O, names of providers.
 *
 * Every decision about a request, taken once, before any conversion. Protocols and `send` see only the Plan.
 */
import type { Effort, MessagesRequest, Thinking } from "../anthropic/wire.ts";
import { quirksForModel } from "../catalog/choose-quirks.ts";
import type { Catalogue } from "../catalog/models.ts";
import type { Quirks } from "../catalog/quirks.ts";
import { quirksForFacts } from "../catalog/quirks-for-facts.ts";
import type { Config } from "../config/read-config.ts";
import { type Backend, chatUrlFor } from "./backend.ts";
import { clampBudget, clampMaxTokens } from "./limits.ts";
import { mapModel } from "./model.ts";
import type { TokenCounter } from "./size/tokens.ts";
import { listTools, type ToolList } from "./tools.ts";
import {
  chooseSearchModel,
  planWebFetch,
  planWebSearch,
  type WebFetch,
  type WebSearch,
} from "./web-search.ts";

/** What the client wished for: `on` undefined means that it said nothing and the backend's default holds. */
type Reasoning = {
  readonly on: boolean | undefined;
  readonly effort: Effort | undefined;
  readonly budgetTokens: number | undefined;
};

export type Plan = {
  readonly request: MessagesRequest;
  readonly backend: Backend;
  readonly quirks: Quirks;
  /** The model's name at the backend. `request.model` is the client's, and is echoed. */
  readonly model: string;
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
  readonly tools: ToolList;
  /** The search that the client offers, where the backend can do it or nothing else is wanted. */
  readonly webSearch: WebSearch | undefined;
  readonly webFetch: WebFetch | undefined;
  /** Blank the reasoning towards the client, keep its signature (`thinking.display: "omitted"`). */
  readonly hideReasoning: boolean;
  /** The client wants one tool call at a time. */
  readonly serialTools: boolean;
  /** Groups the requests of one session for the backend's prompt cache. */
  readonly sessionId: string | undefined;
};

/** What a plan is made from, besides the request. */
export type PlanContext = {
  readonly config: Config;
  readonly backend: Backend;
  readonly catalogue: Catalogue;
  readonly tokens: TokenCounter;
  readonly sessionId: string | undefined;
};

export function makePlan(request: MessagesRequest, context: PlanContext): Plan {
  const { config, backend, catalogue } = context;
  const named = mapModel(request.model, config.models);
  const model = chooseSearchModel(request, named, backend.quirks, catalogue);
  const facts = catalogue.facts(model);
  const quirks = quirksForFacts(quirksForModel(backend.quirks, model), facts);
  const reasoning = readReasoning(request, quirks);
  const tools = listTools(request);
  const address = { ...backend, chatUrl: chatUrlFor(backend, model) };
  const prompt = context.tokens.estimate({ request, quirks, tools, model, backend: address });
  const maxTokens = clampMaxTokens({
    requested: request.max_tokens,
    facts,
    limits: config.limits,
    reasoningOn: reasoning.on === true,
    promptTokens: prompt.tokens,
  });
  return {
    request,
    backend: address,
    quirks,
    model,
    fallbackModels: readFallbacks(request, config, model).slice(0, Math.max(0, quirks.request.maxModels - 1)),
    maxTokens,
    promptTokens: prompt.tokens,
    minPromptTokens: prompt.minTokens,
    hardWindow: facts?.hardWindow,
    reasoning: { ...reasoning, budgetTokens: clampBudget(reasoning.budgetTokens, maxTokens) },
    tools,
    webSearch: planWebSearch(request, quirks),
    webFetch: planWebFetch(request, quirks),
    hideReasoning: displayOf(request.thinking) === "omitted",
    serialTools: wantsSerialTools(request),
    sessionId: context.sessionId,
  };
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
function readFallbacks({ fallbacks }: MessagesRequest, { models }: Config, model: string): string[] {
  const names = (fallbacks ?? []).map((fallback) => mapModel(fallback.model, models));
  return [...new Set(names)].filter((name) => name !== model);
}

function wantsSerialTools({ tool_choice }: MessagesRequest): boolean {
  return tool_choice?.type !== "none" && tool_choice?.disable_parallel_tool_use === true;
}

function displayOf(thinking: Thinking | null | undefined): string | undefined {
  return thinking && "display" in thinking ? (thinking.display ?? undefined) : undefined;
}
