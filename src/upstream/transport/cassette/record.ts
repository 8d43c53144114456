/** A sender that writes down every exchange that came to its end. */
import { redact } from "../../../lib/redact.ts";
import type { Log } from "../../../telemetry/log.ts";
import type { Answer, Sender, SendRequest } from "../send.ts";
import { cleanBody } from "./clean-body.ts";
import { nameQuestion, readQuestion } from "./read-question.ts";
import { type Take, writeTape } from "./tape.ts";

type RecordOptions = {
  readonly sender: Sender;
  readonly directory: string;
  /** Texts that must not be written down, besides all that look like keys. */
  readonly secrets: readonly string[];
  readonly log: Log;
};

/** Headers that mean something to the reader of an answer; others may tell who asked. */
const keptHeaders = /^(?:content-type|retry-after(?:-ms)?|x-should-retry|(?:x-)?ratelimit-.*)$/;

/** What a run records of a question takes the place of what an earlier run has recorded. */
export function recordExchanges({ sender, directory, secrets, log }: RecordOptions): Sender {
  const takesOf = new Map<string, Take[]>();
  // Inside JSON a quotation mark looks otherwise.
  const known = secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]);
  const clean = (text: string) => redact(text, known);

  /** Where a secret was said, the body becomes one piece. */
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
      const headers = [...answer.headers].filter(([header]) => keptHeaders.test(header));
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

/** The same answer; `onEnd` is told what was read of it, unless it broke off. */
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
    async text(limit) {
      const text = await answer.text(limit);
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
