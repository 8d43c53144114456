/** Chooses the form of the backend's answer: a stream, or one JSON message. */
import type { MessagesRequest } from "../anthropic/wire.ts";
import type { Quirks } from "../catalog/quirks.ts";

/** Tokens. A longer answer takes minutes, in which gateways close a connection on which nothing is said. */
const maxWholeTokens = 4096;

/**
 * Whether the answer is asked for in one piece: a client that wants one message gains nothing from a stream, which
 * costs many times as much to read. A stream is still needed where only its chunks tell a backend that nobody is left
 * to read them, and where the proxy ends the answer itself, at a stop sequence that the backend does not get.
 */
export function wantsWhole(
  { stream, stop_sequences: stops }: Pick<MessagesRequest, "stream" | "stop_sequences">,
  maxTokens: number,
  { request, sampling }: Pick<Quirks, "request" | "sampling">,
): boolean {
  return (
    stream !== true &&
    request.wholeAnswers &&
    maxTokens <= maxWholeTokens &&
    (stops?.length ?? 0) <= sampling.maxStops
  );
}
