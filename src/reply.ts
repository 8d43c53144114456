/**
 * Everything a model can say, in the order it says it. Upstream readers state these facts; the writers in
 * `anthropic/` give them the grammar of content blocks. Any floor may import this file; it imports only errors.
 */
import type { ProxyError } from "./errors.ts";

/** Tokens of one answer, already in Anthropic's sense: the prompt is `input + cacheRead + cacheWrite`. */
export type Usage = {
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  /** Includes reasoning. */
  readonly outputTokens: number;
  /** The part of `outputTokens` spent on reasoning, where the backend tells it. */
  readonly reasoningTokens?: number | undefined;
  /** How often the backend searched the web, where it tells. */
  readonly webSearches?: number | undefined;
};

/** What an answer costs that no backend was asked for. */
export const noUsage: Usage = { inputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 0 };

/** A page that a search found. */
export type SearchResult = {
  readonly url: string;
  readonly title: string;
  /** What the backend read there; empty where it does not say. */
  readonly snippet: string;
  /** When the page was written, in the backend's words. */
  readonly age: string | undefined;
};

/**
 * Why the model stopped. `stop` covers every natural end: whether that is `end_turn` or `tool_use` follows
 * from the blocks that were written, not from what the backend called it.
 */
export type FinishReason = "stop" | "stop-sequence" | "max-tokens" | "refusal" | "context-window";

export type ReplyEvent =
  /** What the backend says of its rate limits, as the client's headers. Comes first, where it comes. */
  | { readonly type: "limits"; readonly headers: Readonly<Record<string, string>> }
  | { readonly type: "text-delta"; readonly text: string }
  | { readonly type: "thinking-delta"; readonly text: string }
  /** Provider state to be replayed with the reasoning just told; opaque to the client's side. */
  | { readonly type: "thinking-carrier"; readonly carrier: string }
  /**
   * A call began. `lane` numbers the calls of one reply from 0; `name` is the name the client knows, `toolset` the
   * toolset that it is a member of; `id` is the backend's id, possibly empty.
   */
  | {
      readonly type: "tool-start";
      readonly lane: number;
      readonly id: string;
      readonly name: string;
      readonly toolset?: string | undefined;
    }
  /** The next piece of a call's argument text, as the backend wrote it. Lanes may interleave. */
  | { readonly type: "tool-delta"; readonly lane: number; readonly json: string }
  /** No more argument text will come for this lane. */
  | { readonly type: "tool-end"; readonly lane: number }
  /** The backend searched the web, or cannot. Told when its results are known, be that behind the text. */
  | {
      readonly type: "web-search";
      readonly query: string;
      readonly found: readonly SearchResult[] | "unavailable";
    }
  /** The text so far rests on this page, which a search of this reply found. */
  | { readonly type: "citation"; readonly page: SearchResult }
  /** Cumulative; a later one replaces an earlier one. */
  | { readonly type: "usage"; readonly usage: Usage }
  | { readonly type: "finish"; readonly reason: FinishReason; readonly stopSequence?: string | undefined }
  /** The backend failed inside its answer. Nothing follows. */
  | { readonly type: "failure"; readonly error: ProxyError };
