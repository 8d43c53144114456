/**
 * Room `upstream/openai-chat/reply/`: chunks and messages, read as facts. Not here: content blocks, and trust in what
 * a server sends.
 *
 * Reads the events of a streamed chat completion: each holds a chunk, an error, the end of the stream, or noise.
 */
import { toProxyError } from "../../../errors.ts";
import type { SseFrame } from "../../../lib/decode-sse.ts";
import { isObject } from "../../../lib/json.ts";
import type { Plan } from "../../../plan/plan.ts";
import type { ReplyEvent } from "../../../reply.ts";
import type { Reader, WrittenRequest } from "../../protocol.ts";
import { readErrorFrame } from "../../refusal/read-error.ts";
import { splitFrame } from "./find-choices.ts";
import { findError } from "./find-error.ts";
import { DeltaLifter } from "./lift-deltas.ts";
import { ChunkParser, maxCredit } from "./parse-chunk.ts";
import { beginCompletion, type Completion, endCompletion, failCompletion, readChunk } from "./read-chunk.ts";

export function createReader(plan: Plan, written: WrittenRequest): Reader {
  return new ChunkReader(plan, written);
}

class ChunkReader implements Reader {
  readonly #completion: Completion;
  readonly #parser = new ChunkParser();
  readonly #lifter: DeltaLifter;

  constructor(plan: Plan, written: WrittenRequest) {
    this.#completion = beginCompletion(plan, written);
    this.#lifter = new DeltaLifter(this.#completion.answer);
  }

  push(frame: SseFrame): ReplyEvent[] {
    try {
      this.#readFrame(frame);
    } catch (thrown) {
      // After the facts that the frame has already given.
      failCompletion(this.#completion, toProxyError(thrown));
    }
    return this.take();
  }

  /** The usual chunks from a place on. Whatever else a chunk could change is as the last usual chunk left it. */
  lift(text: string, from: number): number {
    const completion = this.#completion;
    const { pattern } = this.#parser;
    const isUnderWay = completion.choiceIndex === 0 && !completion.finish && !this.#hasEnded;
    if (!pattern || !isUnderWay) return from;
    try {
      const end = this.#lifter.lift(text, from, pattern);
      if (end > from) {
        this.#parser.credit = maxCredit;
        completion.strange = undefined;
        completion.endsInUsage = false;
      }
      return end;
    } catch (thrown) {
      failCompletion(completion, toProxyError(thrown));
      return text.length;
    }
  }

  take(): ReplyEvent[] {
    const { answer } = this.#completion;
    const taken = answer.facts;
    answer.facts = [];
    return taken;
  }

  end(): ReplyEvent[] {
    if (!this.#completion.isOver) endCompletion(this.#completion);
    return this.take();
  }

  get state(): Reader["state"] {
    if (this.#hasEnded) return "done";
    return this.#completion.isFinished ? "finished" : "reading";
  }

  get #hasEnded(): boolean {
    return this.#completion.isOver || this.#completion.isDone;
  }

  #readFrame({ event, data: given }: SseFrame): void {
    const completion = this.#completion;
    const data = given.trim();
    if (data === "" || this.#hasEnded) return;
    if (data === "[DONE]" || data === "[done]") {
      completion.isDone = true;
      return;
    }
    const chunk = this.#parser.parse(data);
    const error = event === "error" ? (findError(chunk) ?? chunk ?? data) : findError(chunk);
    if (error !== undefined) return this.#fail(error);
    if (isObject(chunk)) {
      readChunk(completion, chunk);
      this.#parser.forgetText();
    }
    // An HTML page instead of events is a failure; other noise between events is not.
    else if (data.startsWith("<")) this.#fail(data);
    else this.#readNoise(event, data);
  }

  /** @param error what the backend has sent */
  #fail(error: unknown): void {
    failCompletion(this.#completion, readErrorFrame(error, this.#completion.plan));
  }

  /** Several events in one, or something else. */
  #readNoise(event: string, data: string): void {
    const parts = splitFrame(data);
    if (!parts || parts.length === 0 || parts[0] === data) this.#completion.strange = data;
    else for (const part of parts) this.#readFrame({ event, data: part });
  }
}
