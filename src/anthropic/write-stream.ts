/**
 * Turns facts into stream events. Blocks are sent one after another, whatever order the facts come in
 * (`queue-blocks.ts`, `send-blocks.ts`), between one `message_start` and one final event.
 */
import { ProxyError } from "../errors.ts";
import { isWritten, noUsage, type ReplyEvent, spellDelta, type Usage, type WrittenDelta } from "../reply.ts";
import { type BlockQueue, createBlockQueue, type QueueOptions, queueFact } from "./queue-blocks.ts";
import {
  type BlockOutput,
  createBlockOutput,
  type OutputOptions,
  sendBlocks,
  sendEmptyDelta,
  sendWritten,
} from "./send-blocks.ts";
import type { AppliedEdit, StreamEvent } from "./wire-reply.ts";
import { writeMessageDelta, writeMessageStart } from "./write-envelope.ts";
import { writeErrorBody } from "./write-error.ts";

export type WriterOptions = QueueOptions &
  OutputOptions & {
    /** The client's name of the model: Claude Code discards thinking that another model signed. */
    readonly model: string;
    readonly requestId: string;
    /** Estimated prompt tokens, for `message_start`. */
    readonly inputTokens: number;
    /** What was taken out of the conversation as its client wanted. */
    readonly appliedEdits?: readonly AppliedEdit[] | undefined;
  };

export type StreamWriter = {
  /** `message_start`. */
  start(): StreamEvent[];
  /** What is passed on is left to the caller; from then on only a failure becomes an event. */
  push(facts: readonly ReplyEvent[]): StreamEvent[];
  /** Closes and drains; exactly one final event, `message_stop` or `error`. */
  end(): StreamEvent[];
  /**
   * An empty delta, in a thinking block that is opened for it if none is open: older versions of Claude Code give up
   * after 300 s without one, whatever pings they get.
   */
  keepAlive(): StreamEvent[];
};

type Writer = {
  readonly options: WriterOptions;
  readonly queue: BlockQueue;
  readonly output: BlockOutput;
  usage: Usage | undefined;
  finish: (ReplyEvent & { type: "finish" }) | undefined;
  /** The blocks are a backend's own. */
  isPassing: boolean;
  isOver: boolean;
};

export function createWriter(options: WriterOptions): StreamWriter {
  const queue = createBlockQueue(options);
  const output = createBlockOutput(options);
  const writer: Writer = {
    options,
    queue,
    output,
    usage: undefined,
    finish: undefined,
    isPassing: false,
    isOver: false,
  };
  return {
    start: () => [writeMessageStart(options.model, options.inputTokens)],
    push(facts) {
      for (const fact of facts) {
        if (writer.isOver) break;
        if (isWritten(fact)) addWritten(writer, fact);
        else add(writer, fact);
      }
      return takeEvents(output);
    },
    end() {
      if (writer.isOver || writer.isPassing) return [];
      end(writer);
      return takeEvents(output);
    },
    keepAlive() {
      if (writer.isOver || writer.isPassing) return [];
      sendEmptyDelta(output, queue.blocks);
      return takeEvents(output);
    },
  };
}

function add(writer: Writer, fact: ReplyEvent): void {
  read(writer, fact);
  if (!writer.isOver && !writer.isPassing) sendBlocks(writer.output, writer.queue.blocks, false);
}

/** Deltas that the block takes as they are go on so; each other one by itself. */
function addWritten(writer: Writer, fact: WrittenDelta): void {
  for (let at = 0; at < fact.written.length; at += 1) {
    at = sendWritten(writer.output, writer.queue, fact, at);
    const part = fact.written[at];
    if (part !== undefined) add(writer, spellDelta(fact, part));
  }
}

function read(writer: Writer, event: ReplyEvent): void {
  switch (event.type) {
    case "usage":
      writer.usage = event.usage;
      return;
    case "finish":
      writer.finish = event;
      return;
    case "failure":
      return fail(writer, event.error);
    case "passed":
      writer.isPassing = true;
      return;
    case "limits":
      // Rate limits go into headers, which have been sent by now.
      return;
    default:
      return queueFact(writer.queue, event);
  }
}

function end(writer: Writer): void {
  const { finish, output, queue } = writer;
  if (!finish) {
    return fail(writer, new ProxyError("upstream", "The backend ended its answer without a finish reason"));
  }
  sendBlocks(output, queue.blocks, true);
  const { appliedEdits } = writer.options;
  output.events.push(writeMessageDelta(finish, queue.toolIds.size > 0, completeUsage(writer), appliedEdits), {
    type: "message_stop",
  });
  writer.isOver = true;
}

/** Open blocks stay open: a client keeps finished blocks, and half a block must not look finished. */
function fail(writer: Writer, error: ProxyError): void {
  writer.output.events.push(writeErrorBody(error, writer.options.requestId));
  writer.isOver = true;
}

/** The backend's counts, and ours for those that it left out: some servers count nothing, or only one side. */
function completeUsage({ usage, options, output }: Writer): Usage {
  const counted = usage ?? noUsage;
  const prompt = counted.inputTokens + counted.cacheReadTokens + counted.cacheWriteTokens;
  // An answer of our own has cost nothing.
  const hasPrompt = prompt > 0 || usage === noUsage;
  return {
    ...counted,
    inputTokens: hasPrompt ? counted.inputTokens : options.inputTokens,
    outputTokens: counted.outputTokens || Math.ceil(output.sentCharacters / 4),
    webSearches: Math.max(output.searches, counted.webSearches ?? 0),
  };
}

function takeEvents(output: BlockOutput): StreamEvent[] {
  const taken = output.events;
  output.events = [];
  return taken;
}
