/** Compresses the system prompt as `PROMPT_COMPRESSION` asks, once for each prompt. */

import {
  type CompressedPrompt,
  compactPrompt,
  hashPrompt,
  readSystemTexts,
  withPrompt,
} from "../adapt/system-prompt/compress.ts";
import { chooseMaterial, type Material } from "../adapt/system-prompt/condense.ts";
import type { MessagesRequest } from "../anthropic/wire.ts";
import { isSafetyCheck } from "../catalog/claude-code/claude-code.ts";
import type { Config } from "../config/read-config.ts";
import { toProxyError } from "../errors.ts";
import { createAsyncCache, type Found } from "../lib/async-cache.ts";
import type { TargetContext } from "../plan/choose-target.ts";
import type { PlanContext } from "../plan/plan.ts";
import type { Log } from "../telemetry/log.ts";
import type { Upstream } from "../upstream/read-reply.ts";
import type { OwnCallBooks } from "./count-own-call.ts";

export type PromptCompressor = {
  /** The same request, or one with a shorter prompt. */
  compress(request: MessagesRequest): Promise<MessagesRequest>;
  /** The result of `compress` as far as it is known without asking the backend; for counting tokens. */
  foresee(request: MessagesRequest): Promise<MessagesRequest>;
};

type CompressorOptions = Upstream &
  OwnCallBooks &
  TargetContext &
  Omit<PlanContext, "sessionId"> & {
    readonly config: Config;
    readonly log: Log;
    /** How long a summary may take before the request goes on without it, ms. */
    readonly pace: { readonly summaryWithin: number };
    /** The fingerprints of the client's passages, if not those of the catalog. */
    readonly passages?: ReadonlySet<string> | undefined;
  };

/** Prompts and summaries kept in memory; a session has a handful. */
const maxPrompts = 64;

/** How long the backend is not asked again after a failure, ms. */
const retryAfterMs = 5 * 60_000;

/** The compressed prompts, and the summaries in them; undefined for one that could not be made. */
export function createPromptMemory() {
  return {
    prompts: createAsyncCache<CompressedPrompt>(maxPrompts),
    summaries: createAsyncCache<string | undefined>(maxPrompts),
  };
}

/** Undefined if system prompts are sent as they are. */
export function createPromptCompressor(
  options: CompressorOptions,
  { prompts, summaries } = createPromptMemory(),
): PromptCompressor | undefined {
  const { config, log, pace, passages } = options;
  const { mode, maxSystemTokens: limit = Number.POSITIVE_INFINITY } = config.compression;
  if (mode === "none") return undefined;
  const compact = (texts: readonly string[]) => compactPrompt(texts, limit, passages);

  async function find(texts: readonly string[]): Promise<Found<CompressedPrompt>> {
    const material = mode === "summarize" ? chooseMaterial(texts, limit, passages) : undefined;
    if (!material) return { value: logResult(await compact(texts), "compacted") };
    // Another project or another day has the same material in a different environment section.
    const summary = await summaries.getOrFind(hashPrompt([material.text]), () => findSummary(material));
    if (summary !== undefined) return { value: logResult(await material.insert(summary), "summarized") };
    return { value: logResult(await compact(texts), "compacted"), ttlMs: retryAfterMs };
  }

  async function findSummary({ text, words }: Material): Promise<Found<string | undefined>> {
    try {
      const context = { ...options, sessionId: undefined };
      const within = { context, upstream: options, withinMs: pace.summaryWithin };
      const { summarizePrompt } = await import("./summarize-prompt.ts");
      return { value: await summarizePrompt(text, words, within) };
    } catch (thrown) {
      const error = toProxyError(thrown).message;
      log.warning("Compacting the system prompt by rules instead of summarizing it", { error });
      return { value: undefined, ttlMs: retryAfterMs };
    }
  }

  function logResult(prompt: CompressedPrompt, how: string): CompressedPrompt {
    const { before, after, replaced, shortened, tooLong } = prompt;
    if (before === after && replaced.length === 0 && shortened.length === 0) return prompt;
    log.info(`System prompt ${how}`, {
      from: before,
      to: after,
      replaced: replaced.join(", ") || undefined,
      shortened: shortened.join(", ") || undefined,
    });
    if (tooLong.length > 0) {
      const parts = tooLong.join(", ");
      log.warning("The system prompt exceeds PROMPT_MAX_SYSTEM_TOKENS: these parts are never cut", {
        after,
        parts,
      });
    }
    return prompt;
  }

  async function change(
    request: MessagesRequest,
    shorten: (key: string, texts: readonly string[]) => Promise<CompressedPrompt>,
  ): Promise<MessagesRequest> {
    if (!request.system?.length || isSafetyCheck(request)) return request;
    const texts = readSystemTexts(request);
    return withPrompt(request, (await shorten(hashPrompt(texts), texts)).texts);
  }

  return {
    compress: (request) => change(request, (key, texts) => prompts.getOrFind(key, () => find(texts))),
    foresee: (request) => change(request, (key, texts) => prompts.get(key) ?? compact(texts)),
  };
}
