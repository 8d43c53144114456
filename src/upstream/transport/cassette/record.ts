/** A sender that records every complete exchange. */
import { redact } from "../../../lib/redact.ts";
import type { Log } from "../../../telemetry/log.ts";
import type { Answer, Sender, SendRequest } from "../send.ts";
import { cleanBody } from "./clean-body.ts";
import { nameQuestion, readQuestion } from "./read-question.ts";
import { type Take, writeTape } from "./tape.ts";

type RecordOptions = {
  readonly sender: Sender;
  readonly directory: string;
  /** Texts that must not be recorded, besides anything that looks like a key. */
  readonly secrets: readonly string[];
  readonly log: Log;
};

/** Headers that matter to the reader of an answer; others may identify the account. */
const keptHeaders = /^(?:content-type|retry-after(?:-ms)?|x-should-retry|(?:x-)?ratelimit-.*)$/;

/** Answers recorded in this run replace those of an earlier run. */
export function recordExchanges({ sender, directory, secrets, log }: RecordOptions): Sender {
  const takesOf = new Map<string, Take[]>();
  const clean = (text: string) => redact(text, secrets);

  /** A body with a secret is recorded as one piece. */
  function cleanPieces(pieces: Pieces): Pieces {
    const whole = pieces.map(([, text]) => text).join("");
    const left = cleanBody(whole, clean);
    return left === whole ? pieces : [[0, left]];
  }

  function keep(request: SendRequest, take: Take): void {
    const question = readQuestion(request);
    const name = nameQuestion(question);
    const takes = [...(takesOf.get(name) ?? []), take];
    takesOf.set(name, takes);
    const conversation = question.conversation.map(clean);
    try {
      writeTape(directory, name, { question: { ...question, conversation }, takes });
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown.message : String(thrown);
      log.error("Cannot record the exchange: the file could not be written", { directory, error });
    }
  }

  return {
    async send(request) {
      const answer = await sender.send(request);
      const headers = [...answer.headers]
        .filter(([header]) => keptHeaders.test(header))
        .map(([header, value]) => [header, clean(value)] as const);
      return listen(answer, (body) => {
        if (request.signal.aborted) return;
        keep(request, {
          status: answer.status,
          headers: Object.fromEntries(headers),
          body: cleanPieces(body),
        });
      });
    },
  };
}

type Pieces = Take["body"];

/** The same answer; `onEnd` gets what was read of it, unless it broke off. */
function listen(answer: Answer, onEnd: (pieces: Pieces) => void): Answer {
  const pieces: Pieces = [];
  const utf8 = new TextDecoder();
  let last = performance.now();
  let isOver = false;

  function hear(text: string): void {
    const now = performance.now();
    if (text !== "") pieces.push([Math.round(now - last), text]);
    last = now;
  }
  function end(): void {
    if (isOver) return;
    isOver = true;
    hear(utf8.decode());
    onEnd(pieces);
  }

  return {
    ...answer,
    async read() {
      try {
        const bytes = await answer.read();
        if (bytes) hear(utf8.decode(bytes, { stream: true }));
        else end();
        return bytes;
      } catch (thrown) {
        isOver = true;
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
