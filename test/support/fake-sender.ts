/** A sender without a network: each request gets the next answer of a list. */
import { ProxyError } from "../../src/errors.ts";
import type { StopSignal } from "../../src/lib/stop.ts";
import type { Answer } from "../../src/upstream/transport/read-answer.ts";
import type { Sender, SendRequest } from "../../src/upstream/transport/send.ts";
import { sseHeaders } from "./fake-replies.ts";

/** Nothing comes until the request is aborted. */
export const silence = Symbol("silence");

export type FakeAnswer = {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** The result of each read; an error ends the body. */
  readonly pieces: readonly (string | Error | typeof silence)[];
};

export type FakeSender = Sender & {
  readonly requests: readonly SendRequest[];
  /** How many answers have been released. */
  readonly released: () => number;
};

/** @param answers an error is thrown instead of an answer; the last one repeats */
export function createFakeSender(...answers: readonly (FakeAnswer | Error)[]): FakeSender {
  const requests: SendRequest[] = [];
  let released = 0;
  return {
    requests,
    released: () => released,
    async send(request) {
      const answer = answers[Math.min(requests.length, answers.length - 1)];
      requests.push(request);
      if (!answer || answer instanceof Error) throw answer ?? new Error("There is no answer");
      return play(answer, request.signal, () => {
        released += 1;
      });
    },
  };
}

function play(
  { status = 200, headers = sseHeaders, pieces }: FakeAnswer,
  signal: StopSignal,
  release: () => void,
): Answer {
  const left = [...pieces];
  const next = async (): Promise<string | undefined> => {
    const piece = left.shift();
    if (piece === silence) return await waitForAbort(signal);
    if (piece instanceof Error) throw piece;
    return piece;
  };
  return {
    status,
    headers: new Headers(headers),
    async read() {
      const piece = await next();
      return piece === undefined ? undefined : new TextEncoder().encode(piece);
    },
    async text(limit, isWhole) {
      let body = "";
      try {
        for (let piece = await next(); piece !== undefined; piece = await next()) body += piece;
      } catch (thrown) {
        if (!isWhole?.(body)) throw thrown;
      }
      return body.slice(0, limit);
    },
    begin() {},
    endAfterSilence() {},
    release,
  };
}

function waitForAbort(signal: StopSignal): Promise<never> {
  return new Promise((_, reject) => {
    const end = () => reject(new ProxyError("unreachable", "The request was aborted"));
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, { once: true });
  });
}
