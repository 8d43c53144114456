/**
 * A streamed answer, as the facts of each network read. This runs for every chunk of every stream, so it is an
 * iterator by hand: each read costs two promises, where an async generator and the functions it awaits take six.
 */
import { ProxyError, toProxyError } from "../../errors.ts";
import { createSseDecoder, OversizedEventError, type SseFrame } from "../../lib/decode-sse.ts";
import { letOthersRun } from "../../lib/let-others-run.ts";
import { isSeen, type Reply, type ReplyEvent } from "../../reply.ts";
import type { ByteReader, Reader } from "../protocol.ts";
import type { Answer } from "../transport/send.ts";

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
export function readStream(answer: Answer, reader: ByteReader): Reply {
  /** The rest of the last read. */
  let left: Uint8Array | undefined;
  let hasUsage = false;
  let hasBegun = false;
  let wasFinished = false;
  let isOver = false;

  function next(): Promise<Read> {
    if (isOver) return Promise.resolve(done);
    // Other streams get their turn.
    if (left) return letOthersRun().then(readLeft);
    return answer.read().then(readBytes, readFault);
  }

  function readLeft(): Read | Promise<Read> {
    return readBytes(left);
  }

  function readBytes(bytes: Uint8Array | undefined): Read | Promise<Read> {
    let facts: ReplyEvent[];
    try {
      if (bytes) {
        left = bytes.length > pieceBytes ? bytes.subarray(pieceBytes) : undefined;
        facts = reader.read(left ? bytes.subarray(0, pieceBytes) : bytes);
        for (const fact of facts) if (fact.type === "usage") hasUsage = true;
      } else return end(reader.end());
    } catch (thrown) {
      return end(concat(reader.take(), [{ type: "failure", error: explainReading(thrown) }]));
    }
    const { state } = reader;
    if (state === "done") return end(concat(facts, reader.end()));
    if (!hasBegun && facts.some(isSeen)) {
      hasBegun = true;
      answer.begin();
    }
    // Some servers never close a finished stream, and some go on after they have said that it is finished.
    if (state === "finished") answer.endAfterSilence(hasUsage ? endGraceMs : usageGraceMs);
    else if (wasFinished) answer.endAfterSilence(undefined);
    wasFinished = state === "finished";
    return facts.length > 0 ? { value: facts, done: false } : next();
  }

  function readFault(thrown: unknown): Read | Promise<Read> {
    // The answer is complete; how the connection ends no longer matters.
    if (reader.state === "finished") return readBytes(undefined);
    return end([{ type: "failure", error: explainReading(thrown) }]);
  }

  function end(facts: ReplyEvent[]): Read {
    close();
    return facts.length > 0 ? { value: facts, done: false } : done;
  }

  function close(): void {
    if (isOver) return;
    isOver = true;
    answer.release();
  }

  return {
    next,
    return() {
      close();
      return Promise.resolve(done);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** Reads the events in bytes. */
export function decodeEvents(reader: Reader): ByteReader {
  const decoder = createSseDecoder();

  function readFrames(frames: readonly SseFrame[]): ReplyEvent[] {
    const facts = reader.take();
    // Not spread into arguments: a body of many megabytes is one read.
    for (const frame of frames) for (const fact of reader.push(frame)) facts.push(fact);
    return facts;
  }

  return {
    read: (bytes) => readFrames(decoder.push(bytes, reader.lift)),
    take: reader.take,
    end: () => (reader.state === "done" ? reader.end() : concat(readFrames(decoder.end()), reader.end())),
    get state() {
      return reader.state;
    },
  };
}

/** Not spread into arguments: a body of many megabytes is one read. */
function concat(facts: ReplyEvent[], more: readonly ReplyEvent[]): ReplyEvent[] {
  return more.length > 0 ? [...facts, ...more] : facts;
}

/** An error of decoding, as the failure of the attempt. */
export function explainReading(thrown: unknown): ProxyError {
  return thrown instanceof OversizedEventError
    ? new ProxyError("upstream", `Cannot read the backend's stream: ${thrown.message}`, { isOurs: true })
    : toProxyError(thrown);
}
