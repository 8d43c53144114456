/** A sender that records exchanges: the complete ones, or in a trace all of them and what was sent. */
import { isObject, parseJson } from "../../../lib/json.ts";
import { redact } from "../../../lib/redact.ts";
import type { Log } from "../../../telemetry/log.ts";
import type { Answer } from "../read-answer.ts";
import type { Sender, SendRequest } from "../send.ts";
import { cleanBody } from "./clean-body.ts";
import { nameQuestion, readQuestion } from "./read-question.ts";
import { pruneTraces, readTape, type Take, type Trace, writeTape } from "./tape.ts";

type RecordOptions = {
  readonly sender: Sender;
  readonly directory: string;
  /** Texts that must not be recorded, besides anything that looks like a key. Another list when there are more. */
  readonly secrets: () => readonly string[];
  readonly log: Log;
  /** Keep everything that helps to find a mistake, of failed exchanges as well. */
  readonly isTrace?: boolean;
  /** The size that a trace is kept to, bytes. */
  readonly maxTraceBytes?: number;
};

/** Some thousands of exchanges of Claude Code. */
const usualTraceBytes = 256 * 1024 * 1024;

/** Answers to the same question that a trace keeps, such as the model list, which is read every five minutes. */
const maxTracedTakes = 8;

/** Exchanges between two looks at the size of a trace. */
const pruneEvery = 32;

/** Headers that matter to the reader of an answer; others may identify the account. */
const keptHeaders = /^(?:content-type|retry-after(?:-ms)?|x-should-retry|(?:x-)?ratelimit-.*)$/;

/** Whether a field says who the user is. */
function names(field: string): boolean {
  return /^(?:metadata|user|safety_identifier)$/.test(field);
}

/** Answers recorded in this run replace those of an earlier run; a trace adds to them, and drops the oldest. */
export function recordExchanges(options: RecordOptions): Sender {
  const { sender, directory, secrets, log, isTrace = false, maxTraceBytes = usualTraceBytes } = options;
  let kept = 0;
  const takesOf = new Map<string, Take[]>();
  const clean = (text: string) => redact(text, secrets());

  /** A body with a secret is recorded as one piece. */
  function cleanPieces(pieces: Pieces): Pieces {
    const whole = pieces.map(([, text]) => text).join("");
    const left = cleanBody(whole, clean);
    return left === whole ? pieces : [[0, left]];
  }

  function keep(request: SendRequest, take: Take): void {
    const question = readQuestion(request);
    const name = nameQuestion(question);
    const conversation = question.conversation.map(clean);
    try {
      const earlier = isTrace ? readTape(directory, name)?.takes : takesOf.get(name);
      const takes = [...(earlier ?? []), take].slice(isTrace ? -maxTracedTakes : 0);
      // A trace may run for weeks.
      if (!isTrace) takesOf.set(name, takes);
      writeTape(directory, name, { question: { ...question, conversation }, takes });
      if (isTrace && kept++ % pruneEvery === 0) pruneTraces(directory, maxTraceBytes);
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown.message : String(thrown);
      log.error("Cannot record the exchange: the file could not be written", { directory, error });
    }
  }

  function cleanJson(text: string): unknown {
    const cleaned = cleanBody(text, clean);
    const value = parseJson(cleaned) ?? cleaned;
    return isObject(value)
      ? Object.fromEntries(Object.entries(value).filter(([name]) => !names(name)))
      : value;
  }

  /** The headers that were sent are left out: they are keys, and what the operator has added. */
  function traceOf({ url, body = "", asked = {} }: SendRequest, started: Date, thrown: unknown): Trace {
    const { origin, pathname } = new URL(url);
    return {
      at: started.toISOString(),
      took_ms: Date.now() - started.getTime(),
      url: clean(origin + pathname),
      asked: cleanJson(JSON.stringify(asked)),
      sent: cleanJson(String(body)),
      ...(thrown !== undefined && {
        fault: clean(thrown instanceof Error ? thrown.message : String(thrown)),
      }),
    };
  }

  return {
    async send(request) {
      const started = new Date();
      const trace = (thrown?: unknown) => (isTrace ? { trace: traceOf(request, started, thrown) } : {});
      const answer = await sender.send(request).catch((thrown: unknown) => {
        // Replayed, it is a failure as well.
        if (isTrace) keep(request, { status: 502, headers: {}, body: [], ...trace(thrown) });
        throw thrown;
      });
      const headers = [...answer.headers]
        .filter(([header]) => keptHeaders.test(header))
        .map(([header, value]) => [header, clean(value)] as const);
      return listen(answer, (body, thrown) => {
        const isWhole = thrown === undefined && !request.signal.aborted;
        if (!isWhole && !isTrace) return;
        keep(request, {
          status: answer.status,
          headers: Object.fromEntries(headers),
          body: cleanPieces(body),
          ...trace(thrown ?? (request.signal.aborted ? "the client left" : undefined)),
        });
      });
    },
  };
}

type Pieces = Take["body"];

/** The same answer; `onEnd` gets what was read of it, and the error if it broke off. */
function listen(answer: Answer, onEnd: (pieces: Pieces, thrown?: unknown) => void): Answer {
  const pieces: Pieces = [];
  const utf8 = new TextDecoder();
  let last = performance.now();
  let isOver = false;

  function hear(text: string): void {
    const now = performance.now();
    if (text !== "") pieces.push([Math.round(now - last), text]);
    last = now;
  }
  function end(thrown?: unknown): void {
    if (isOver) return;
    isOver = true;
    hear(utf8.decode());
    onEnd(pieces, thrown);
  }

  return {
    status: answer.status,
    headers: answer.headers,
    begin: () => answer.begin(),
    endAfterSilence: (ms) => answer.endAfterSilence(ms),
    async read() {
      try {
        const bytes = await answer.read();
        if (bytes) hear(utf8.decode(bytes, { stream: true }));
        else end();
        return bytes;
      } catch (thrown) {
        end(thrown);
        throw thrown;
      }
    },
    async text(limit, isWhole) {
      const text = await answer.text(limit, isWhole);
      hear(text);
      end();
      return text;
    },
    release() {
      end();
      answer.release();
    },
  };
}
