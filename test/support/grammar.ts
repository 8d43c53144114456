/**
 * A strict reader of our output: checks the stream grammar as the most demanding client would. The official SDK
 * forgives gaps, wrong deltas and missing signatures, and loses text over them; this checker forgives nothing.
 */
import { z } from "zod";
import type {
  Citation,
  ContentBlock,
  Message,
  StopReason,
  StreamEvent,
} from "../../src/anthropic/wire-reply.ts";
import { isProperObjectPrefix } from "./json-prefix.ts";
import { streamEvent } from "./stream-schema.ts";

export type GrammarOptions = {
  /** A tool's input may be truncated together with the answer: at a limit, a refusal or an error. */
  readonly allowTruncated?: boolean;
};

type Started = StreamEvent & { type: "content_block_start" };
type Delta = (StreamEvent & { type: "content_block_delta" })["delta"];
type OpenBlock = { readonly start: Started; readonly deltas: Delta[] };

/** Answers with these stop reasons may contain calls, complete or truncated. */
const cutShort: ReadonlySet<StopReason> = new Set(["max_tokens", "refusal", "model_context_window_exceeded"]);

const deltaTypes: Record<ContentBlock["type"], readonly Delta["type"][]> = {
  text: ["text_delta", "citations_delta"],
  thinking: ["thinking_delta", "signature_delta"],
  redacted_thinking: [],
  tool_use: ["input_json_delta"],
  server_tool_use: ["input_json_delta"],
  web_search_tool_result: [],
  tool_search_tool_result: [],
  compaction: ["compaction_delta"],
};

/**
 * Reads the whole text of an answer and returns its events.
 * @throws Error naming the first rule that the stream breaks, and the event that breaks it.
 */
export function checkStream(sseText: string, options: GrammarOptions = {}): StreamEvent[] {
  const events = readFrames(sseText);
  checkEnvelope(events);
  const blocks = checkBlocks(events);
  checkSearches(blocks);
  checkStop(events, blocks, options);
  return events;
}

/** Folds a checked stream into its message; truncated input becomes `{_raw_arguments}`. */
export function foldMessage(events: readonly StreamEvent[]): Message {
  const start = events.find((event) => event.type === "message_start");
  const end = events.find((event) => event.type === "message_delta");
  if (!start || !end) throw new Error("The stream is not a whole message");
  const { type: _type, delta, ...told } = end;
  return { ...start.message, content: foldContent(events), ...delta, ...told };
}

/** The blocks of a checked stream, the one that a failure left open included. */
export function foldContent(events: readonly StreamEvent[]): ContentBlock[] {
  return checkBlocks(events).map(foldBlock);
}

function foldBlock({ start, deltas }: OpenBlock): ContentBlock {
  const block = start.content_block;
  switch (block.type) {
    case "text": {
      const citations = citationsOf(deltas);
      return {
        ...block,
        text: join(deltas, "text_delta"),
        citations: citations.length > 0 ? citations : null,
      };
    }
    case "thinking": {
      const signature = join(deltas, "signature_delta");
      return { ...block, thinking: join(deltas, "thinking_delta"), signature };
    }
    case "tool_use":
    case "server_tool_use": {
      const text = join(deltas, "input_json_delta");
      return { ...block, input: readInput(text) ?? { _raw_arguments: text } };
    }
    case "compaction": {
      const last = deltas.findLast((delta) => delta.type === "compaction_delta");
      return { ...block, content: last?.content ?? null };
    }
    case "redacted_thinking":
    case "web_search_tool_result":
    case "tool_search_tool_result":
      return block;
    default:
      return block satisfies never;
  }
}

/** Frames of exactly two lines, `event:` and one line of JSON; comments are separate. */
export function readFrames(sseText: string): StreamEvent[] {
  if (sseText === "") return [];
  if (sseText.includes("\r")) throw new Error("The stream contains a carriage return");
  if (!sseText.endsWith("\n\n")) throw new Error("The stream's last frame is not closed");
  return sseText
    .slice(0, -2)
    .split("\n\n")
    .filter((frame) => !/^:[^\n]*$/.test(frame))
    .map(readFrame);
}

function readFrame(frame: string, at: number): StreamEvent {
  const where = `Frame ${at}`;
  // Not `.`, which stops at U+2028 and U+2029; both are plain characters in JSON and in SSE.
  const [, name, data] = /^event: (\w+)\ndata: ([^\n]*)$/.exec(frame) ?? [];
  if (name === undefined || data === undefined) {
    throw new Error(`${where}: it is not "event: …" and "data: …": ${JSON.stringify(frame)}`);
  }
  const parsed = streamEvent.safeParse(parse(data, where));
  if (!parsed.success) throw new Error(`${where}: ${z.prettifyError(parsed.error)} in ${data}`);
  if (parsed.data.type !== name) {
    throw new Error(`${where}: its event is ${name} but its type is ${parsed.data.type}`);
  }
  return parsed.data;
}

function parse(data: string, where: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    throw new Error(`${where}: its data is not JSON: ${data}`);
  }
}

/** One message_start before everything but pings; at most one message_delta; one terminal, the last event. */
function checkEnvelope(all: readonly StreamEvent[]): void {
  const events = all.filter((event) => event.type !== "ping");
  const [first, last] = [events[0], events[events.length - 1]];
  if (first?.type !== "message_start") {
    throw new Error(`The stream begins with ${first?.type ?? "nothing"}, not message_start`);
  }
  const terminal = all.findIndex((event) => event.type === "message_stop" || event.type === "error");
  if (terminal === -1) {
    throw new Error(`The stream ends with ${last?.type}, not message_stop or error`);
  }
  if (terminal < all.length - 1) {
    throw new Error(`In the stream, ${all[terminal + 1]?.type} follows ${all[terminal]?.type}`);
  }
  for (const type of ["message_start", "message_delta"] as const) {
    const times = events.filter((event) => event.type === type).length;
    if (times > 1) throw new Error(`In the stream, ${type} comes ${times} times`);
  }
  const delta = events.findIndex((event) => event.type === "message_delta");
  if (last?.type === "message_stop" && delta !== events.length - 2) {
    throw new Error("In the stream, message_stop does not follow a message_delta at once");
  }
  if (last?.type === "error" && delta !== -1) throw new Error("In the stream, error follows message_delta");
}

/** Blocks 0, 1, 2…, each closed before the next one starts. */
function checkBlocks(events: readonly StreamEvent[]): OpenBlock[] {
  const blocks: OpenBlock[] = [];
  let open: OpenBlock | undefined;
  for (const event of events) {
    if (event.type === "content_block_start") {
      if (open) throw new Error(`Start block ${event.index}: block ${open.start.index} is still open`);
      if (event.index !== blocks.length) {
        throw new Error(`Start block ${event.index}: the next index is ${blocks.length}`);
      }
      open = { start: event, deltas: [] };
      blocks.push(open);
    } else if (event.type === "content_block_delta" || event.type === "content_block_stop") {
      if (open?.start.index !== event.index) {
        throw new Error(`Take ${event.type} of block ${event.index}: that block is not open`);
      }
      if (event.type === "content_block_delta") addDelta(open, event.delta);
      else {
        checkClosed(open);
        open = undefined;
      }
    } else if (event.type === "message_delta" && open) {
      throw new Error(`Take message_delta: block ${open.start.index} is still open`);
    }
  }
  return blocks;
}

function addDelta({ start, deltas }: OpenBlock, delta: Delta): void {
  const { type } = start.content_block;
  const where = `Take ${delta.type} of block ${start.index}`;
  if (!deltaTypes[type].includes(delta.type)) throw new Error(`${where}: the block is ${type}`);
  if (deltas.some((earlier) => earlier.type === "signature_delta")) {
    throw new Error(`${where}: the block is already signed`);
  }
  deltas.push(delta);
}

function checkClosed({ start, deltas }: OpenBlock): void {
  const { type } = start.content_block;
  if (type === "text" && join(deltas, "text_delta") === "") {
    throw new Error(`Close block ${start.index}: its text is empty`);
  }
  if (type === "thinking" && join(deltas, "signature_delta") === "") {
    throw new Error(`Close block ${start.index}: its thinking is not signed`);
  }
}

/** Every server tool call has one id, a complete input, and its result right after it; every cited page was found. */
function checkSearches(blocks: readonly OpenBlock[]): void {
  const found = new Set<string>();
  const ids = new Set<string>();
  for (const [at, { start, deltas }] of blocks.entries()) {
    const block = start.content_block;
    const before = blocks[at - 1]?.start.content_block;
    if (block.type === "server_tool_use") {
      if (ids.has(block.id)) throw new Error(`Block ${at}: its id ${block.id} is taken`);
      ids.add(block.id);
      const input = readInput(join(deltas, "input_json_delta"));
      if (!input || (block.name === "web_search" && typeof input.query !== "string"))
        throw new Error(`Block ${at}: its input has no query`);
      const result = block.name === "web_search" ? "web_search_tool_result" : "tool_search_tool_result";
      if (blocks[at + 1]?.start.content_block.type !== result)
        throw new Error(`Block ${at}: no result follows the search`);
    } else if (block.type === "web_search_tool_result" || block.type === "tool_search_tool_result") {
      if (before?.type !== "server_tool_use" || before.id !== block.tool_use_id)
        throw new Error(`Block ${at}: the result does not follow its search`);
      if (block.type === "web_search_tool_result" && Array.isArray(block.content))
        for (const { url } of block.content) found.add(url);
    }
  }
  for (const [at, { deltas }] of blocks.entries()) {
    const stray = citationsOf(deltas).find(({ url }) => !found.has(url));
    if (stray) throw new Error(`Block ${at}: it cites ${stray.url}, which no search found`);
  }
}

function citationsOf(deltas: readonly Delta[]): Citation[] {
  return deltas.flatMap((delta) => (delta.type === "citations_delta" ? [delta.citation] : []));
}

/** What the blocks hold must fit the way the answer ended. */
function checkStop(
  events: readonly StreamEvent[],
  blocks: readonly OpenBlock[],
  { allowTruncated = false }: GrammarOptions,
): void {
  const end = events.find((event) => event.type === "message_delta")?.delta;
  const isCut = end === undefined || cutShort.has(end.stop_reason);
  const closed = new Set(
    events.flatMap((event) => (event.type === "content_block_stop" ? [event.index] : [])),
  );
  const ids = new Set<string>();
  for (const { start, deltas } of blocks) {
    if (start.content_block.type !== "tool_use") continue;
    const { id } = start.content_block;
    if (ids.has(id)) throw new Error(`Block ${start.index}: its id ${id} is taken`);
    ids.add(id);
    // A block that an error left open cannot be whole.
    const mayBeCut = !closed.has(start.index) || (allowTruncated && isCut);
    checkInput(start.index, join(deltas, "input_json_delta"), mayBeCut);
  }
  if (end && !isCut && (end.stop_reason === "tool_use") !== ids.size > 0) {
    throw new Error(`Wrong stop: stop_reason is ${end.stop_reason} with ${ids.size} tool_use blocks`);
  }
  if (end && (end.stop_reason === "stop_sequence") !== (end.stop_sequence !== null)) {
    throw new Error(`Wrong stop: ${end.stop_reason} with the stop sequence ${end.stop_sequence}`);
  }
}

function checkInput(index: number, text: string, mayBeCut: boolean): void {
  if (readInput(text) !== undefined) return;
  if (mayBeCut && isProperObjectPrefix(text)) return;
  throw new Error(`Block ${index}: its input is not a JSON object: ${JSON.stringify(text)}`);
}

/** The object in the argument text; every SDK reads an empty text as a call without arguments. */
function readInput(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text === "" ? "{}" : text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function join(deltas: readonly Delta[], type: Delta["type"]): string {
  return deltas
    .filter((delta) => delta.type === type)
    .map((delta) => {
      switch (delta.type) {
        case "text_delta":
          return delta.text;
        case "thinking_delta":
          return delta.thinking;
        case "signature_delta":
          return delta.signature;
        case "input_json_delta":
          return delta.partial_json;
        case "citations_delta":
        case "compaction_delta":
          return "";
        default:
          return delta satisfies never;
      }
    })
    .join("");
}
