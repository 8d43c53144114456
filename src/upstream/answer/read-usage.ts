/**
 * Room `upstream/answer/`: parts of an answer that every protocol has. Not here: events and messages of one wire
 * format.
 *
 * Reads token counts of every provider into one meaning (see `reply.ts`).
 */
import type { Quirks } from "../../catalog/quirks.ts";
import { isObject, type JsonObject } from "../../lib/json.ts";
import type { Usage } from "../../reply.ts";

/**
 * Reads a usage object. Providers differ in where they put cached tokens (OpenAI, OpenRouter: details; DeepSeek:
 * `prompt_cache_hit_tokens`; Moonshot: top level; Mistral: `num_cached_tokens`), whether the prompt includes them
 * (xAI: not always) and whether the completion includes reasoning (xAI: no; Gemini: only in the total).
 */
export function readUsage(usage: JsonObject, kind: Quirks["usage"]["reasoning"]): Usage {
  const promptDetails =
    part(usage, "prompt_tokens_details") ??
    part(usage, "prompt_token_details") ??
    part(usage, "input_tokens_details") ??
    {};
  const completionDetails =
    part(usage, "completion_tokens_details") ?? part(usage, "output_tokens_details") ?? {};
  const completion = first(usage.completion_tokens, usage.output_tokens) ?? 0;
  const total = first(usage.total_tokens);
  const reasoning = first(completionDetails.reasoning_tokens);
  // Some servers tell the prompt only in the total.
  const rest = (total ?? 0) - completion;
  const prompt = first(usage.prompt_tokens, usage.input_tokens) || (rest > (reasoning ?? 0) ? rest : 0);
  const cacheRead =
    first(
      promptDetails.cached_tokens,
      usage.prompt_cache_hit_tokens,
      usage.cached_tokens,
      usage.num_cached_tokens,
      usage.cache_read_input_tokens,
    ) ?? 0;
  const cacheWrite =
    first(
      promptDetails.cache_write_tokens,
      promptDetails.cache_creation_input_tokens,
      promptDetails.cache_creation_tokens,
      usage.cache_creation_input_tokens,
    ) ?? 0;
  // OpenRouter; Perplexity
  const searches = first(
    part(usage, "server_tool_use")?.web_search_requests,
    part(usage, "server_tool_use_details")?.web_search_requests,
    usage.num_search_queries,
  );
  const fetches = first(
    part(usage, "server_tool_use")?.web_fetch_requests,
    part(usage, "server_tool_use_details")?.web_fetch_requests,
  );
  const { cost } = usage;
  const cached = cacheRead + cacheWrite;
  // More cached tokens than prompt tokens, or a total that adds them: this server counts the cached part separately.
  const counted = prompt + cached + completion;
  const isAdded = cached > 0 && (total === counted || (!!reasoning && total === counted + reasoning));
  const isSeparate = cacheRead > prompt || isAdded;
  const wholePrompt = isSeparate ? prompt + cached : prompt;
  return {
    inputTokens: Math.max(0, wholePrompt - cacheRead - cacheWrite),
    cacheReadTokens: cacheRead,
    cacheWriteTokens: cacheWrite,
    outputTokens: outputTokens(wholePrompt, completion, reasoning ?? 0, total, kind),
    reasoningTokens: reasoning,
    // OpenRouter, in credits, which are US dollars.
    costUsd: typeof cost === "number" && cost >= 0 ? cost : undefined,
    webSearches: searches,
    webFetches: fetches,
  };
}

/** llama.cpp's timings, which it sends even when usage was not asked for. */
export function readTimings(timings: JsonObject): Usage {
  return {
    inputTokens: first(timings.prompt_n) ?? 0,
    cacheReadTokens: first(timings.cache_n) ?? 0,
    cacheWriteTokens: 0,
    outputTokens: first(timings.predicted_n) ?? 0,
  };
}

function outputTokens(
  prompt: number,
  completion: number,
  reasoning: number,
  total: number | undefined,
  kind: Quirks["usage"]["reasoning"],
): number {
  const isOutside = reasoning > 0 && total === prompt + completion + reasoning;
  if (kind === "excluded" || isOutside) return completion + reasoning;
  if (kind === "in-total" && total !== undefined && total > prompt + completion) {
    return total - prompt;
  }
  return completion;
}

function part(usage: JsonObject, key: string): JsonObject | undefined {
  const value = usage[key];
  return isObject(value) ? value : undefined;
}

/** The first value that is a token count. */
function first(...values: unknown[]): number | undefined {
  for (const value of values) {
    const count = typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value;
    if (typeof count === "number" && count >= 0 && count <= Number.MAX_SAFE_INTEGER) return Math.floor(count);
  }
  return undefined;
}
