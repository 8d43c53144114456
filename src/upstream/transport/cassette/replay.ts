/** A sender that answers from a cassette: no network, no key, nothing invented. */
import { ProxyError } from "../../../errors.ts";
import type { StopSignal } from "../../../lib/stop.ts";
import type { Answer } from "../read-answer.ts";
import type { Sender } from "../send.ts";
import { nameQuestion, type Question, readQuestion } from "./read-question.ts";
import { readTape, type Take } from "./tape.ts";

type ReplayOptions = {
  readonly directory: string;
  /** Keep the backend's pauses between the pieces of an answer. */
  readonly timed: boolean;
};

/** Asking the same question again gives the next recorded answer; the last one repeats. */
export function replayExchanges({ directory, timed }: ReplayOptions): Sender {
  const asked = new Map<string, number>();
  return {
    async send(request) {
      const question = readQuestion(request);
      const name = nameQuestion(question);
      const takes = dropCorrected(readTape(directory, name)?.takes ?? []);
      const count = asked.get(name) ?? 0;
      asked.set(name, count + 1);
      const take = takes[count] ?? takes.at(-1);
      if (!take) throw missing(directory, question);
      return play(take, timed, request.signal);
    },
  };
}

/**
 * Leaves out refusals that a later attempt corrected: this proxy may have learned them from another question, in
 * another order than when they were recorded, and then they would hit a request that is right.
 */
function dropCorrected(takes: readonly Take[]): readonly Take[] {
  const lastSuccess = takes.findLastIndex(isSuccess);
  return takes.filter((take, at) => isSuccess(take) || at > lastSuccess);
}

function isSuccess({ status }: Take): boolean {
  return status < 400;
}

function missing(directory: string, { endpoint, model, conversation }: Question): ProxyError {
  const lastWords = conversation.at(-1)?.replace(/\s+/g, " ").slice(0, 120);
  const about = lastWords === undefined ? endpoint : `${model} after "${lastWords}"`;
  return new ProxyError(
    "invalid-request",
    `Cannot replay the exchange: ${directory} has no answer for ${about}; record it with --record`,
    // A retry would fail the same way.
    { headers: { "x-should-retry": "false" } },
  );
}

function play({ status, headers, body }: Take, timed: boolean, signal: StopSignal): Answer {
  const utf8 = new TextEncoder();
  let next = 0;
  return {
    status,
    headers: new Headers(headers),
    async read() {
      const piece = body[next];
      if (!piece || signal.aborted) return undefined;
      next += 1;
      if (timed) await Bun.sleep(piece[0]);
      return utf8.encode(piece[1]);
    },
    async text(limit) {
      return body
        .map(([, text]) => text)
        .join("")
        .slice(0, limit);
    },
    begin() {},
    endAfterSilence() {},
    release() {},
  };
}
