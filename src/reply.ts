/**
 * Everything a model can say, in the order it says it. Upstream readers state these facts; the writers in `anthropic/`
 * turn them into content blocks. Any floor may import this file; it imports only errors and `lib/`.
 */
import type { ProxyError } from "./errors.ts";
import { asString, type JsonObject, parseJson } from "./lib/json.ts";

/** Token usage of one answer, in Anthropic's terms: the prompt is `input + cacheRead + cacheWrite`. */
export type Usage = {
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  /** Includes reasoning. */
  readonly outputTokens: number;
  /** The part of `outputTokens` spent on reasoning, if the backend reports it. */
  readonly reasoningTokens?: number | undefined;
  /** What the answer cost in US dollars, if the backend reports it. */
  readonly costUsd?: number | undefined;
  /** How often the backend searched the web, if it reports that. */
  readonly webSearches?: number | undefined;
  /** How many pages it fetched, if it reports that. */
  readonly webFetches?: number | undefined;
};

/** All tokens of the prompt, cached or not. */
export function promptTokens({ inputTokens, cacheReadTokens, cacheWriteTokens }: Usage): number {
  return inputTokens + cacheReadTokens + cacheWriteTokens;
}

/** The usage of two exchanges together. */
export function addUsage(one: Usage | undefined, other: Usage): Usage {
  if (!one) return other;
  const sum = (field: keyof Usage) =>
    one[field] === undefined && other[field] === undefined
      ? undefined
      : (one[field] ?? 0) + (other[field] ?? 0);
  return {
    inputTokens: one.inputTokens + other.inputTokens,
    cacheReadTokens: one.cacheReadTokens + other.cacheReadTokens,
    cacheWriteTokens: one.cacheWriteTokens + other.cacheWriteTokens,
    outputTokens: one.outputTokens + other.outputTokens,
    reasoningTokens: sum("reasoningTokens"),
    costUsd: sum("costUsd"),
    webSearches: sum("webSearches"),
    webFetches: sum("webFetches"),
  };
}

/** The usage of an answer that was made without a backend. */
export const noUsage: Usage = { inputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 0 };

/** A page found by a search. */
export type SearchResult = {
  readonly url: string;
  readonly title: string;
  /** The text the backend read there; empty if it does not say. */
  readonly snippet: string;
  /** When the page was written, in the backend's words. */
  readonly age: string | undefined;
};

/**
 * Why the model stopped. `stop` covers every natural end: whether that becomes `end_turn` or `tool_use` depends on the
 * blocks that were written, not on what the backend called it.
 */
export type FinishReason =
  | "stop"
  /** The model waits for the results of its calls, where a backend that passes its blocks on says so. */
  | "tool-use"
  | "stop-sequence"
  | "max-tokens"
  | "refusal"
  | "compaction"
  | "context-window"
  /** The proxy has run tools of its own often enough: the client may send the conversation back to go on. */
  | "pause";

/** Why a web search gave nothing, in Anthropic's words. */
export type WebSearchFault = "unavailable" | "invalid_tool_input" | "max_uses_exceeded" | "query_too_long";

/** Why a search among tools gave nothing: a word of Anthropic's, and what the model may do about it. */
export type ToolsSearchFault = {
  readonly code: "invalid_tool_input" | "execution_time_exceeded";
  readonly message: string;
};

/**
 * The next text. Where a reader has deltas in a row, `written` has each of them as `JSON.stringify` would write it,
 * without the quotes, and `text` is what all of them say; a changed text must leave `written` out.
 */
type TextDelta = {
  readonly type: "text-delta";
  readonly text: string;
  readonly written?: readonly string[] | undefined;
};

/** The next reasoning; `written` as in text. */
type ThinkingDelta = {
  readonly type: "thinking-delta";
  readonly text: string;
  readonly written?: readonly string[] | undefined;
};

/** The next piece of a call's argument text, as the backend wrote it; `written` as in text. Lanes may interleave. */
type ToolDelta = {
  readonly type: "tool-delta";
  readonly lane: number;
  readonly json: string;
  readonly written?: readonly string[] | undefined;
};

export type ReplyEvent =
  /** The backend's rate limits, as headers for the client. Comes first, if at all. */
  | { readonly type: "limits"; readonly headers: Readonly<Record<string, string>> }
  | TextDelta
  | ThinkingDelta
  /** Provider state to be sent back with the preceding reasoning; opaque to the client. */
  | { readonly type: "thinking-carrier"; readonly carrier: string }
  /**
   * A tool call begins. `lane` numbers the calls of one reply from 0; `name` is the name the client knows, `toolset`
   * the toolset it belongs to; `id` is the backend's id, possibly empty.
   */
  | {
      readonly type: "tool-start";
      readonly lane: number;
      readonly id: string;
      readonly name: string;
      readonly toolset?: string | undefined;
    }
  | ToolDelta
  /** No more argument text will come for this lane. */
  | { readonly type: "tool-end"; readonly lane: number }
  /**
   * The web was searched, or could not be. Sent when the results are known, even if that is after the text. `id` is set
   * if the model called a search that the proxy ran.
   */
  | {
      readonly type: "web-search";
      readonly id?: string;
      readonly query: string;
      readonly found: readonly SearchResult[] | WebSearchFault;
    }
  /** The proxy searched the deferred tools of the request, as the model wanted. */
  | {
      readonly type: "tool-search";
      readonly id: string;
      readonly form: "regex" | "bm25";
      readonly input: JsonObject;
      /** Names of tools, best first. */
      readonly found: readonly string[] | ToolsSearchFault;
    }
  /** The preceding text cites this page, which a search of this reply found. */
  | { readonly type: "citation"; readonly page: SearchResult }
  /** A summary of the conversation so far; null if there is none. */
  | {
      readonly type: "compaction";
      readonly content: string | null;
      readonly toolChanges: readonly JsonObject[];
    }
  /**
   * The next part of a reply that is in the client's format already: whole events, or a whole message. `opens` marks the
   * event that begins the message, of which a client must see only one.
   */
  | { readonly type: "passed"; readonly bytes: Uint8Array; readonly opens?: true }
  /** Cumulative: replaces earlier usage. */
  | { readonly type: "usage"; readonly usage: Usage }
  | { readonly type: "finish"; readonly reason: FinishReason; readonly stopSequence?: string | undefined }
  /** The backend failed during its answer. Nothing follows. */
  | { readonly type: "failure"; readonly error: ProxyError };

/** The facts of each network read that held any. Never throws: a failure is the last fact. */
export type Reply = AsyncIterableIterator<ReplyEvent[], void> & {
  /** The last facts have been read. Those who do not say so are asked for more, and have none. */
  readonly isOver?: boolean;
};

/** A reply that has begun. Until then its request may be repeated, here or elsewhere; from then on it is not. */
export type BegunReply = {
  /** Everything up to the first fact that a client sees; without such a fact it is the whole reply. */
  readonly first: ReplyEvent[];
  /** What follows; undefined if that was all. */
  readonly rest: Reply | undefined;
};

/**
 * Reads a reply until it has begun.
 *
 * @param first facts that come before its own; those are added
 */
export async function beginReply(reply: Reply, first: ReplyEvent[] = []): Promise<BegunReply> {
  for (let read = await reply.next(); !read.done; read = await reply.next()) {
    // Not spread into arguments, whose number is limited: a body of many megabytes is one read.
    for (const fact of read.value) first.push(fact);
    if (read.value.some(isSeen)) return { first, rest: reply.isOver ? undefined : reply };
  }
  return { first, rest: undefined };
}

/** All facts of a reply, from the first on. */
export async function* readAll(begun: BegunReply | Promise<BegunReply>): Reply {
  const { first, rest } = await begun;
  if (first.length > 0) yield first;
  if (rest) yield* rest;
}

/** A reply that is there already. */
export function wholeReply(facts: ReplyEvent[]): BegunReply {
  return { first: facts, rest: undefined };
}

export function failedReply(error: ProxyError): BegunReply {
  return wholeReply([{ type: "failure", error }]);
}

/** The failure of a reply of which the client has seen nothing. */
export function failureOf({ first, rest }: BegunReply): ProxyError | undefined {
  const last = rest ? undefined : first.at(-1);
  return last?.type === "failure" && !first.some(isSeen) ? last.error : undefined;
}

/** Deltas that still have the form in which they were written. */
export type WrittenDelta = (TextDelta | ThinkingDelta | ToolDelta) & { readonly written: readonly string[] };

export function isWritten(fact: ReplyEvent): fact is WrittenDelta {
  return "written" in fact && fact.written !== undefined;
}

/** The same facts, with one for each delta. */
export function spellOut(facts: readonly ReplyEvent[]): readonly ReplyEvent[] {
  if (!facts.some(isWritten)) return facts;
  return facts.flatMap((fact) => (isWritten(fact) ? takeApart(fact).map(withoutWritten) : fact));
}

/** Each of several deltas by itself. */
export function takeApart(fact: WrittenDelta): readonly WrittenDelta[] {
  return fact.written.map((one) => {
    const written = [one];
    const said = readWritten(written);
    return fact.type === "tool-delta" ? { ...fact, json: said, written } : { ...fact, text: said, written };
  });
}

/** The delta without the form in which it was written. */
export function withoutWritten({ written, ...delta }: WrittenDelta): TextDelta | ThinkingDelta | ToolDelta {
  return delta;
}

/** What deltas say, given how they are written. */
export function readWritten(written: readonly string[]): string {
  // Usually there is only one.
  const inner = written.length === 1 ? (written[0] ?? "") : written.join("");
  return inner.includes("\\") ? asString(parseJson(`"${inner}"`)) : inner;
}

/** Whether a client sees anything of the fact. Until it has seen one, the request may be repeated. */
export function isSeen(fact: ReplyEvent): boolean {
  switch (fact.type) {
    case "text-delta":
    case "thinking-delta":
      // White space alone opens no block.
      return fact.text.trim() !== "";
    case "thinking-carrier":
    case "tool-start":
    case "tool-delta":
    case "tool-end":
    case "web-search":
    case "tool-search":
    case "citation":
    case "compaction":
    case "passed":
      return true;
    case "limits":
    case "usage":
    case "finish":
    case "failure":
      return false;
    default:
      return fact satisfies never;
  }
}
