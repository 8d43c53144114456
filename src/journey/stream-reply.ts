/** The answer as server-sent events, for a client that may wait, disconnect or stop reading at any moment. */

import { encodeEvent } from "../anthropic/encode-event.ts";
import type { StreamEvent } from "../anthropic/wire-reply.ts";
import type { StreamWriter } from "../anthropic/write-stream.ts";
import { raceTimer } from "../lib/race-timer.ts";
import type { MessageRecord, Outcome } from "../telemetry/record.ts";
import type { Reply } from "../upstream/read-reply.ts";
import type { Pace } from "./services.ts";

type ReplyStream = {
  readonly reply: Reply;
  readonly writer: StreamWriter;
  readonly record: MessageRecord;
  readonly pace: Pace;
  /** How long the client may take nothing of what waits for it, ms. */
  readonly stallMs: number;
  /** Called once, when the stream has ended or the client has disconnected. */
  readonly onEnd: (outcome: Outcome) => void;
};

/**
 * Waits a bounded time for the first facts, then answers 200 and writes events as they arrive, with one write for each
 * read from the backend.
 *
 * @throws ProxyError when the backend failed before it said anything, so that the failure still gets an HTTP status
 */
export async function streamReply(options: ReplyStream): Promise<Response> {
  const { reply, pace } = options;
  const firstFacts = reply.next();
  const early = await raceTimer(firstFacts, pace.headersAfter);
  const known = early?.value ?? [];
  const first = known.find((fact) => fact.type !== "usage" && fact.type !== "limits");
  if (first?.type === "failure") {
    options.record.see([first]);
    await reply.return?.();
    throw first.error;
  }
  const limits = known.find((fact) => fact.type === "limits");
  return new Response(createBody(options, firstFacts), {
    headers: {
      ...limits?.headers,
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache",
    },
  });
}

function createBody(
  { reply, writer, record, pace, stallMs, onEnd }: ReplyStream,
  firstFacts: ReturnType<Reply["next"]>,
): ReadableStream<Uint8Array> {
  const utf8 = new TextEncoder();
  const sent = { anything: performance.now(), event: performance.now() };
  let next: typeof firstFacts | undefined = firstFacts;
  let timer: ReturnType<typeof setInterval> | undefined;
  let isOver = false;

  function end(outcome: Outcome): void {
    if (isOver) return;
    isOver = true;
    clearInterval(timer);
    onEnd(outcome);
  }

  function send(controller: ReadableStreamDefaultController<Uint8Array>, events: StreamEvent[]): boolean {
    if (events.length === 0) return false;
    controller.enqueue(utf8.encode(events.map(encodeEvent).join("")));
    sent.anything = performance.now();
    if (events.some((event) => event.type !== "ping")) sent.event = sent.anything;
    return true;
  }

  function keepAlive(controller: ReadableStreamDefaultController<Uint8Array>): void {
    if (isOver) return;
    const now = performance.now();
    if ((controller.desiredSize ?? 0) <= 0) {
      // A client that does not read needs no keep-alive, which would only make the queue grow.
      if (now - sent.anything < stallMs) return;
      end("client left");
      controller.error(new Error("The client has stopped reading"));
      return;
    }
    if (now - sent.event >= pace.deltaAfter) send(controller, writer.keepAlive());
    if (now - sent.anything >= pace.pingAfter) send(controller, [{ type: "ping" }]);
  }

  return new ReadableStream<Uint8Array>({
    start(controller) {
      send(controller, writer.start());
      timer = setInterval(() => keepAlive(controller), Math.min(1000, pace.pingAfter, stallMs));
    },
    async pull(controller) {
      for (let hasSent = false; !hasSent && !isOver; ) {
        const { value: facts, done } = await (next ?? reply.next());
        next = undefined;
        if (isOver) return;
        if (facts) record.see(facts);
        hasSent = send(controller, facts ? facts.flatMap((fact) => writer.push(fact)) : writer.end());
        if (done) {
          controller.close();
          end("answered");
        }
      }
    },
    cancel() {
      end("client left");
    },
  });
}
