/**
 * A streamed answer, as the facts of each network read. This runs for every chunk of every stream, so it is an
 * iterator by hand: an async generator, and the functions it awaits, would take four promises more for each read.
 */
import { ProxyError, toProxyError } from "../../errors.ts";
import { OversizedEventError, SseDecoder, type SseFrame } from "../../lib/decode-sse.ts";
import { letOthersRun } from "../../lib/let-others-run.ts";
import { releaseBytes } from "../../lib/release-bytes.ts";
import { isSeen, type Reply, type ReplyEvent } from "../../reply.ts";
import type { ByteReader, Reader } from "../protocol.ts";
import type { Answer } from "../transport/read-answer.ts";

/** How long usage may follow a finish reason, and the end of the body may follow usage, ms. */
const usageGraceMs = 30_000;
const endGraceMs = 5_000;

/**
 * How much of one read is decoded at once, bytes: what it becomes takes many times as much memory, and must wait for
 * the client.
 */
const pieceBytes = 128 * 1024;

type Read = IteratorResult<ReplyEvent[], void>;

const done: Read = { value: undefined, done: true };

/** Skips reads without facts. Never throws: a failure is the last fact. Releases the answer when it is over. */
export class StreamedReply implements Reply {
  readonly #answer: Answer;
  readonly #reader: ByteReader;
  /** The rest of the last read. */
  #left: Uint8Array | undefined;
  #hasUsage = false;
  #hasBegun = false;
  #wasFinished = false;
  #isOver = false;

  constructor(answer: Answer, reader: ByteReader) {
    this.#answer = answer;
    this.#reader = reader;
  }

  next(): Promise<Read> {
    if (this.#isOver) return Promise.resolve(done);
    // Other streams get their turn.
    if (this.#left) return letOthersRun().then(() => this.#readBytes(this.#left));
    return this.#answer.read().then(this.#readBytes, this.#readFault);
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  return(): Promise<Read> {
    this.#close();
    return Promise.resolve(done);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  readonly #readBytes = (bytes: Uint8Array | undefined): Read | Promise<Read> => {
    const reader = this.#reader;
    let facts: ReplyEvent[];
    try {
      if (!bytes) return this.#end(reader.end());
      this.#left = bytes.length > pieceBytes ? bytes.subarray(pieceBytes) : undefined;
      facts = reader.read(this.#left ? bytes.subarray(0, pieceBytes) : bytes);
    } catch (thrown) {
      return this.#end(addAll(reader.take(), [{ type: "failure", error: explainReading(thrown) }]));
    }
    const { state } = reader;
    if (state === "done") return this.#end(addAll(facts, reader.end()));
    for (const fact of facts) {
      if (fact.type === "usage") this.#hasUsage = true;
      if (!this.#hasBegun && isSeen(fact)) {
        this.#hasBegun = true;
        this.#answer.begin();
      }
    }
    // Some servers never close a finished stream, and some go on after they have said that it is finished.
    if (state === "finished") this.#answer.endAfterSilence(this.#hasUsage ? endGraceMs : usageGraceMs);
    else if (this.#wasFinished) this.#answer.endAfterSilence(undefined);
    this.#wasFinished = state === "finished";
    return facts.length > 0 ? { value: facts, done: false } : this.next();
  };

  readonly #readFault = (thrown: unknown): Read | Promise<Read> => {
    // The answer is complete; how the connection ends no longer matters.
    if (this.#reader.state === "finished") return this.#readBytes(undefined);
    return this.#end([{ type: "failure", error: explainReading(thrown) }]);
  };

  #end(facts: ReplyEvent[]): Read {
    this.#close();
    return facts.length > 0 ? { value: facts, done: false } : done;
  }

  #close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#answer.release();
  }
}

/** Reads the events in bytes. */
export class EventReader implements ByteReader {
  readonly #decoder = new SseDecoder();
  readonly #reader: Reader;
  #facts: ReplyEvent[] = [];

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  read(bytes: Uint8Array): ReplyEvent[] {
    this.#decoder.pass(bytes, this);
    releaseBytes(bytes);
    return this.take();
  }

  push(frame: SseFrame): void {
    addAll(this.#facts, this.#reader.push(frame));
  }

  lift(text: string, from: number): number {
    return this.#reader.lift(text, from);
  }

  take(): ReplyEvent[] {
    const facts = this.#facts;
    if (facts.length === 0) return this.#reader.take();
    this.#facts = [];
    return addAll(facts, this.#reader.take());
  }

  end(): ReplyEvent[] {
    if (this.#reader.state !== "done") for (const frame of this.#decoder.end()) this.push(frame);
    return addAll(this.take(), this.#reader.end());
  }

  get state(): Reader["state"] {
    return this.#reader.state;
  }
}

/** Not spread into arguments: a body of many megabytes is one read. */
function addAll(facts: ReplyEvent[], more: readonly ReplyEvent[]): ReplyEvent[] {
  for (const fact of more) facts.push(fact);
  return facts;
}

/** An error of decoding, as the failure of the attempt. */
export function explainReading(thrown: unknown): ProxyError {
  return thrown instanceof OversizedEventError
    ? new ProxyError("upstream", `Cannot read the backend's stream: ${thrown.message}`, { isOurs: true })
    : toProxyError(thrown);
}
