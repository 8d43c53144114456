/**
 * Turns facts into content blocks, in the order in which they are to be sent. Tool calls may interleave; each collects
 * its arguments in its own block, so that nothing in the queue is ever mixed up or lost.
 */
import { createId } from "../lib/create-id.ts";
import { encodeId } from "../lib/encode-id.ts";
import type { JsonObject } from "../lib/json.ts";
import type { ReplyEvent } from "../reply.ts";
import { type ArgumentGuard, createArgumentGuard } from "./guard-arguments.ts";
import type { Citation } from "./wire-reply.ts";
import { type SearchFact, writeCitation } from "./write-search.ts";

export type QueuedText = {
  readonly kind: "text";
  /** What was received and not sent yet. */
  waiting: string;
  /** Only white space so far. Updated piece by piece, because checking the whole text each time would be quadratic. */
  isBlank: boolean;
  readonly citations: Citation[];
};
export type QueuedThinking = {
  readonly kind: "thinking";
  waiting: string;
  isBlank: boolean;
  carrier: string | undefined;
};
export type QueuedTool = {
  readonly kind: "tool";
  readonly id: string;
  readonly name: string;
  readonly toolset: string | undefined;
  readonly guard: ArgumentGuard;
  waiting: string;
  hasEnded: boolean;
};
/** Never waits for more: it is opened and closed at once. */
export type QueuedSearch = { readonly kind: "search"; readonly search: SearchFact };
export type QueuedCompaction = {
  readonly kind: "compaction";
  readonly fact: ReplyEvent & { type: "compaction" };
};
export type QueuedBlock = QueuedText | QueuedThinking | QueuedTool | QueuedSearch | QueuedCompaction;

export type QueueOptions = {
  /** Whether the conversation so far has a tool use with this id: of two with one id, Claude Code keeps only one. */
  readonly isTaken: (toolId: string) => boolean;
  /** Called with words for the log when something is lost. */
  readonly note?: (words: string) => void;
  readonly toolSchema: (name: string, toolset?: string) => JsonObject | undefined;
};

/** Facts that become content blocks. */
type BlockFact = Exclude<ReplyEvent, { type: "usage" | "finish" | "failure" | "limits" | "passed" }>;

export type BlockQueue = {
  readonly options: QueueOptions;
  /** The head is sent first, and may have been sent in part. */
  readonly blocks: QueuedBlock[];
  /** The tool calls so far; undefined before the first. */
  calls: QueuedCalls | undefined;
};

type QueuedCalls = {
  readonly byLane: Map<number, QueuedTool>;
  readonly ids: Set<string>;
};

const clientToolId = /^[A-Za-z0-9_-]{8,64}$/;

export function createBlockQueue(options: QueueOptions): BlockQueue {
  return { options, blocks: [], calls: undefined };
}

export function queueFact(queue: BlockQueue, fact: BlockFact): void {
  const { blocks, calls } = queue;
  switch (fact.type) {
    case "text-delta":
      return queueText(blocks, fact.text);
    case "thinking-delta":
      return addText(lastThinking(blocks), fact.text);
    case "thinking-carrier":
      lastThinking(blocks).carrier = fact.carrier;
      return;
    case "tool-start":
      return queueTool(queue, fact);
    case "tool-delta": {
      const block = calls?.byLane.get(fact.lane);
      if (block && !block.hasEnded) block.waiting += block.guard.push(fact.json);
      return;
    }
    case "tool-end": {
      const block = calls?.byLane.get(fact.lane);
      if (block) block.hasEnded = true;
      return;
    }
    case "web-search":
    case "tool-search":
      blocks.push({ kind: "search", search: fact });
      return;
    case "compaction":
      blocks.push({ kind: "compaction", fact });
      return;
    case "citation": {
      // After a call there is no text to attach it to; the search's own result contains the page.
      const last = blocks[blocks.length - 1];
      if (last?.kind === "text") last.citations.push(writeCitation(fact.page));
      else queue.options.note?.("left out a citation that came after its text had ended");
      return;
    }
    default:
      return fact satisfies never;
  }
}

export function createThinking(): QueuedThinking {
  return { kind: "thinking", waiting: "", isBlank: true, carrier: undefined };
}

function queueText(blocks: QueuedBlock[], text: string): void {
  const last = blocks[blocks.length - 1];
  if (last?.kind === "text") addText(last, text);
  else blocks.push({ kind: "text", waiting: text, isBlank: text.trim() === "", citations: [] });
}

function lastThinking(blocks: QueuedBlock[]): QueuedThinking {
  const last = blocks[blocks.length - 1];
  if (last?.kind === "thinking") return last;
  const block = createThinking();
  blocks.push(block);
  return block;
}

function addText(block: QueuedText | QueuedThinking, text: string): void {
  block.waiting += text;
  block.isBlank &&= text.trim() === "";
}

function queueTool(queue: BlockQueue, { lane, id, name, toolset }: BlockFact & { type: "tool-start" }): void {
  const { options } = queue;
  queue.calls ??= { byLane: new Map(), ids: new Set() };
  const guard = createArgumentGuard(options.toolSchema(name, toolset));
  const known = { id: chooseId(queue.calls, id, options), name, toolset, guard };
  const block: QueuedTool = { kind: "tool", ...known, waiting: "", hasEnded: false };
  queue.calls.byLane.set(lane, block);
  queue.blocks.push(block);
}

/** The backend's id of a call, encoded if a client cannot use it as it is; a new one if it is taken or empty. */
function chooseId({ ids }: QueuedCalls, id: string, { isTaken }: QueueOptions): string {
  const usable = clientToolId.test(id) ? id : encodeId(id);
  const isFree = usable !== undefined && !ids.has(usable) && !isTaken(usable);
  const chosen = isFree ? usable : createId("toolu_");
  ids.add(chosen);
  return chosen;
}
