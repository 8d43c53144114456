/**
 * Turns facts into stream events. Blocks are sent one after another, whatever order the facts come in
 * (`queue-blocks.ts`, `send-blocks.ts`), between one `message_start` and one final event.
 */
import { ProxyError } from "../errors.ts";
import {
  isWritten,
  noUsage,
  promptTokens,
  type ReplyEvent,
  takeApart,
  type Usage,
  type WrittenDelta,
  withoutWritten,
} from "../reply.ts";
import { type BlockQueue, createBlockQueue, type QueueOptions, queueFact } from "./queue-blocks.ts";
import {
  type BlockOutput,
  createBlockOutput,
  type EventSink,
  type OutputOptions,
  sendBlocks,
  sendEmptyDelta,
  sendWritten,
} from "./send-blocks.ts";
import type { AppliedEdit } from "./wire-reply.ts";
import { writeMessageDelta, writeMessageStart } from "./write-envelope.ts";
import { writeErrorBody } from "./write-error.ts";

export type WriterOptions = QueueOptions &
  OutputOptions & {
    /** The client's name of the model: Claude Code discards thinking that another model signed. */
    readonly model: string;
    readonly requestId: string;
    /** The prompt's estimated tokens, for `message_start`. */
    readonly promptSize: () => { readonly tokens: number };
    /** What was taken out of the conversation as its client wanted. */
    readonly appliedEdits?: readonly AppliedEdit[] | undefined;
  };

export class StreamWriter {
  readonly #options: WriterOptions;
  readonly #queue: BlockQueue;
  readonly #output: BlockOutput;
  #usage: Usage | undefined;
  #finish: (ReplyEvent & { type: "finish" }) | undefined;
  /** The blocks are a backend's own. */
  #isPassing = false;
  #isOver = false;

  /** @param sink takes the events */
  constructor(options: WriterOptions, sink: EventSink) {
    this.#options = options;
    this.#queue = createBlockQueue(options);
    this.#output = createBlockOutput(options, sink);
  }

  /**
   * `message_start`.
   *
   * @param inputTokens 0 for a message that is not sent before the true number is known
   */
  start(inputTokens = this.#options.promptSize().tokens): void {
    this.#output.sink.add(writeMessageStart(this.#options.model, inputTokens));
  }

  /** What is passed on is left to the caller; from then on only a failure becomes an event. */
  push(facts: readonly ReplyEvent[]): void {
    for (const fact of facts) {
      if (this.#isOver) break;
      if (isWritten(fact)) this.#addWritten(fact);
      else this.#add(fact);
    }
  }

  /** Closes and drains; exactly one final event, `message_stop` or `error`. */
  end(): void {
    if (this.#isOver || this.#isPassing) return;
    if (this.#finish) this.#close(this.#finish);
    else this.#fail(new ProxyError("upstream", "The backend ended its answer without a finish reason"));
  }

  /**
   * An empty delta, in a thinking block that is opened for it if none is open: older versions of Claude Code give up
   * after 300 s without one, whatever pings they get.
   */
  keepAlive(): void {
    if (this.#isOver || this.#isPassing) return;
    sendEmptyDelta(this.#output, this.#queue.blocks);
  }

  #add(fact: ReplyEvent): void {
    this.#read(fact);
    if (!this.#isOver && !this.#isPassing) sendBlocks(this.#output, this.#queue.blocks, false);
  }

  /** Deltas that need no change are sent together as they are written; if one does, each is sent by itself. */
  #addWritten(fact: WrittenDelta): void {
    // Of reasoning that the client does not see, no deltas are sent.
    if (fact.type === "thinking-delta" && this.#options.thinking !== "text")
      return this.#add(withoutWritten(fact));
    if (sendWritten(this.#output, this.#queue, fact)) return;
    for (const one of takeApart(fact))
      if (!sendWritten(this.#output, this.#queue, one)) this.#add(withoutWritten(one));
  }

  #read(event: ReplyEvent): void {
    switch (event.type) {
      case "usage":
        this.#usage = event.usage;
        return;
      case "finish":
        this.#finish = event;
        return;
      case "failure":
        return this.#fail(event.error);
      case "passed":
        this.#isPassing = true;
        return;
      case "limits":
        // Rate limits go into headers, which have been sent by now.
        return;
      default:
        return queueFact(this.#queue, event);
    }
  }

  #close(finish: ReplyEvent & { type: "finish" }): void {
    const { sink } = this.#output;
    sendBlocks(this.#output, this.#queue.blocks, true);
    const hasCalls = this.#queue.calls !== undefined;
    const { appliedEdits } = this.#options;
    sink.add(writeMessageDelta(finish, hasCalls, this.#completeUsage(), appliedEdits));
    sink.add({ type: "message_stop" });
    this.#isOver = true;
  }

  /** Open blocks stay open: a client keeps finished blocks, and half a block must not look finished. */
  #fail(error: ProxyError): void {
    this.#output.sink.add(writeErrorBody(error, this.#options.requestId));
    this.#isOver = true;
  }

  /** The backend's counts, and ours for those that it left out: some servers count nothing, or only one side. */
  #completeUsage(): Usage {
    const usage = this.#usage;
    const counted = usage ?? noUsage;
    // An answer of our own has cost nothing.
    const hasPrompt = promptTokens(counted) > 0 || usage === noUsage;
    return {
      ...counted,
      inputTokens: hasPrompt ? counted.inputTokens : this.#options.promptSize().tokens,
      outputTokens: counted.outputTokens || Math.ceil(this.#output.sentCharacters / 4),
      webSearches: Math.max(this.#output.searches, counted.webSearches ?? 0),
    };
  }
}
