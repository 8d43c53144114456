/**
 * The grammar of content blocks: one is open at a time, and the others wait in the queue, because a tool call may
 * still be open when the next block begins.
 */
import type { WrittenDelta } from "../reply.ts";
import type {
  BlockQueue,
  QueuedBlock,
  QueuedCompaction,
  QueuedSearch,
  QueuedText,
  QueuedThinking,
  QueuedTool,
} from "./queue-blocks.ts";
import { createThinking } from "./queue-blocks.ts";
import type { ContentBlock, ContentDelta, StreamEvent } from "./wire-reply.ts";
import { writeSearch } from "./write-search.ts";

export type OutputOptions = {
  /** What is sent of thinking blocks. A signature that the next call needs is always sent. */
  readonly thinking: "text" | "signature" | "nothing";
  /**
   * Signature of thinking for which the backend gave nothing to send back. Never empty: unsigned thinking is dropped.
   */
  readonly emptySignature: string;
};

/** Takes the events: collects them as text for a stream, or folds them into one message. */
export type EventSink = {
  add(event: StreamEvent): void;
  /** Deltas in a row, as they are written. */
  addWritten(index: number, fact: WrittenDelta): void;
};

export type BlockOutput = {
  readonly options: OutputOptions;
  readonly sink: EventSink;
  /** Index of the block that is open or opens next. */
  index: number;
  /** Whether the head of the queue has been started. */
  isOpen: boolean;
  /** The kind of the last block that was closed. */
  previous: QueuedBlock["kind"] | undefined;
  /** Characters of text, thinking and arguments. */
  sentCharacters: number;
  /** Web searches that gave a result. */
  searches: number;
};

const emptyDeltas = {
  text: { type: "text_delta", text: "" },
  thinking: { type: "thinking_delta", thinking: "" },
  tool: { type: "input_json_delta", partial_json: "" },
} as const satisfies Record<Exclude<QueuedBlock["kind"], "search" | "compaction">, ContentDelta>;

export function createBlockOutput(options: OutputOptions, sink: EventSink): BlockOutput {
  return {
    options,
    sink,
    index: 0,
    isOpen: false,
    previous: undefined,
    sentCharacters: 0,
    searches: 0,
  };
}

/** Sends everything that may be sent now. At the end (`isLast`) nothing has to wait any more. */
export function sendBlocks(output: BlockOutput, blocks: QueuedBlock[], isLast: boolean): void {
  for (let block = blocks[0]; block; block = blocks[0]) {
    if (!sendBlock(output, block, blocks[1], isLast)) return;
    blocks.shift();
  }
}

/**
 * Sends deltas as they are written, if they continue the block that is being sent and would be sent unchanged.
 *
 * @returns whether they were sent
 */
export function sendWritten(output: BlockOutput, queue: BlockQueue, fact: WrittenDelta): boolean {
  if (!output.isOpen || !mayPass(queue, fact)) return false;
  output.sink.addWritten(output.index, fact);
  output.sentCharacters += (fact.type === "tool-delta" ? fact.json : fact.text).length;
  return true;
}

function mayPass({ blocks, calls }: BlockQueue, fact: WrittenDelta): boolean {
  const head = blocks[0];
  switch (fact.type) {
    case "text-delta":
      return head?.kind === "text" && head.waiting === "" && blocks.length === 1;
    case "thinking-delta":
      // A blank block may have been opened only to keep the connection alive.
      return head?.kind === "thinking" && !head.isBlank && head.waiting === "" && blocks.length === 1;
    case "tool-delta":
      if (head?.kind !== "tool" || head !== calls?.byLane.get(fact.lane)) return false;
      return head.waiting === "" && !head.hasEnded && head.guard.passes(fact.written);
    default:
      return fact satisfies never;
  }
}

/**
 * An empty delta, in a thinking block that is opened for it if none is open. White space that waits for its text stays
 * after that block.
 */
export function sendEmptyDelta(output: BlockOutput, blocks: QueuedBlock[]): void {
  if (!output.isOpen) {
    blocks.unshift(createThinking());
    openBlock(output, { type: "thinking", thinking: "", signature: "" });
  }
  const head = blocks[0];
  const kind = head && head.kind !== "search" && head.kind !== "compaction" ? head.kind : "thinking";
  sendDelta(output, emptyDeltas[kind]);
}

/** Whether the block is finished and leaves the queue. */
function sendBlock(
  output: BlockOutput,
  block: QueuedBlock,
  next: QueuedBlock | undefined,
  isLast: boolean,
): boolean {
  const isFollowed = next !== undefined;
  switch (block.kind) {
    case "text":
      return sendText(output, block, isFollowed || isLast);
    case "thinking":
      if (output.options.thinking === "nothing" && !output.isOpen)
        return withholdThinking(output, block, next, isLast);
      return sendThinking(output, block, isFollowed || isLast);
    case "tool":
      return sendTool(output, block, isFollowed, isLast);
    case "search":
      return sendSearch(output, block);
    case "compaction":
      return sendCompaction(output, block);
    default:
      return block satisfies never;
  }
}

/** Blocks of white space alone are never opened: clients send them back, and the API refuses them. */
function sendText(output: BlockOutput, block: QueuedText, mustClose: boolean): boolean {
  if (!output.isOpen) {
    if (block.isBlank) return mustClose;
    if (output.previous === "thinking") block.waiting = block.waiting.replace(/^[\r\n]+/, "");
    openBlock(output, { type: "text", text: "", citations: null });
  }
  if (block.waiting !== "") sendDelta(output, { type: "text_delta", text: takeText(output, block) });
  if (block.citations.length > 0) {
    for (const citation of block.citations.splice(0))
      sendDelta(output, { type: "citations_delta", citation });
  }
  if (mustClose) closeBlock(output, "text");
  return mustClose;
}

/** Some backends refuse a call that comes back without its signature. */
function withholdThinking(
  output: BlockOutput,
  { carrier }: QueuedThinking,
  next: QueuedBlock | undefined,
  isLast: boolean,
): boolean {
  const isCalled = next?.kind === "tool" || (next?.kind === "search" && next.search.id !== undefined);
  if (isCalled && carrier !== undefined) {
    openBlock(output, { type: "redacted_thinking", data: carrier });
    closeBlock(output, "thinking");
  }
  return next !== undefined || isLast;
}

function sendThinking(output: BlockOutput, block: QueuedThinking, mustClose: boolean): boolean {
  const { thinking, emptySignature } = output.options;
  if (!output.isOpen) {
    if (block.isBlank) {
      if (mustClose && block.carrier !== undefined) {
        openBlock(output, { type: "redacted_thinking", data: block.carrier });
        closeBlock(output, "thinking");
      }
      return mustClose;
    }
    openBlock(output, { type: "thinking", thinking: "", signature: "" });
  }
  const text = takeText(output, block);
  if (text !== "" && thinking === "text") sendDelta(output, { type: "thinking_delta", thinking: text });
  if (!mustClose) return false;
  sendDelta(output, { type: "signature_delta", signature: block.carrier ?? emptySignature });
  // A block that was opened only to keep the client waiting is no thinking, and the text keeps its leading newlines.
  closeBlock(output, block.isBlank && block.carrier === undefined ? output.previous : "thinking");
  return true;
}

function sendTool(output: BlockOutput, block: QueuedTool, isFollowed: boolean, isLast: boolean): boolean {
  const { state } = block.guard;
  const mayClose = state === "empty" || state === "broken";
  const mustClose = isLast || block.hasEnded || state === "complete" || (mayClose && isFollowed);
  if (mustClose) block.waiting += block.guard.end();
  const isNew = !output.isOpen;
  if (isNew) {
    const { id, name, toolset } = block;
    const member = toolset === undefined ? {} : { toolset_name: toolset };
    openBlock(output, { type: "tool_use", id, name, input: {}, ...member });
  }
  // As in the real API, the first delta comes with the start, even if it is empty.
  if (isNew || block.waiting !== "") {
    sendDelta(output, { type: "input_json_delta", partial_json: takeText(output, block) });
  }
  if (mustClose) closeBlock(output, "tool");
  return mustClose;
}

function sendSearch(output: BlockOutput, { search }: QueuedSearch): true {
  const { call, input, result } = writeSearch(search);
  openBlock(output, call);
  sendDelta(output, { type: "input_json_delta", partial_json: input });
  closeBlock(output, "search");
  openBlock(output, result);
  closeBlock(output, "search");
  if (search.type === "web-search" && typeof search.found !== "string") output.searches += 1;
  return true;
}

function sendCompaction(output: BlockOutput, { fact: { content, toolChanges } }: QueuedCompaction): true {
  const tool_changes = [...toolChanges];
  openBlock(output, { type: "compaction", content: null, encrypted_content: null, tool_changes });
  sendDelta(output, { type: "compaction_delta", content, encrypted_content: null });
  closeBlock(output, "compaction");
  output.sentCharacters += content?.length ?? 0;
  return true;
}

function openBlock(output: BlockOutput, content_block: ContentBlock): void {
  output.sink.add({ type: "content_block_start", index: output.index, content_block });
  output.isOpen = true;
}

function sendDelta(output: BlockOutput, delta: ContentDelta): void {
  output.sink.add({ type: "content_block_delta", index: output.index, delta });
}

function closeBlock(output: BlockOutput, kind: BlockOutput["previous"]): void {
  output.sink.add({ type: "content_block_stop", index: output.index });
  output.index += 1;
  output.isOpen = false;
  output.previous = kind;
}

function takeText(output: BlockOutput, block: QueuedText | QueuedThinking | QueuedTool): string {
  const text = block.waiting;
  block.waiting = "";
  output.sentCharacters += text.length;
  return text;
}
