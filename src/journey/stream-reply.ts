/** The answer as server-sent events, for a client that may wait, disconnect or stop reading at any moment. */

import { encodeEvent } from "../anthropic/encode-event.ts";
import type { StreamEvent } from "../anthropic/wire-reply.ts";
import type { StreamWriter } from "../anthropic/write-stream.ts";
import { raceTimer } from "../lib/race-timer.ts";
import { shareInterval } from "../lib/share-interval.ts";
import type { BegunReply, Reply, ReplyEvent } from "../reply.ts";
import type { MessageRecord, Outcome } from "../telemetry/record.ts";
import type { Pace } from "./services.ts";

type ReplyStream = {
  readonly reply: Promise<BegunReply>;
  readonly writer: StreamWriter;
  readonly record: Pick<MessageRecord, "see">;
  readonly pace: Pace;
  /** A backend may answer whose blocks are passed on: then none of ours may come before them. */
  readonly mayPass: boolean;
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
  const early = await raceTimer(reply, pace.headersAfter);
  const known = early?.first ?? [];
  const first = known.find((fact) => fact.type !== "usage" && fact.type !== "limits");
  if (first?.type === "failure") {
    options.record.see([first]);
    throw first.error;
  }
  const limits = known.find((fact) => fact.type === "limits");
  return new Response(
    createBody(
      options,
      known.some(({ type }) => type === "passed"),
    ),
    {
      headers: {
        ...limits?.headers,
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-cache",
      },
    },
  );
}

const utf8 = new TextEncoder();

const noEvents: readonly StreamEvent[] = [];

type Controller = ReadableStreamDefaultController<Uint8Array>;
type Read = Awaited<ReturnType<Reply["next"]>>;

function createBody(
  { reply, writer, record, pace, mayPass, stallMs, onEnd }: ReplyStream,
  opensItself: boolean,
): ReadableStream<Uint8Array> {
  /** When anything was last sent, and when an event other than a ping was. */
  let sentAt = performance.now();
  let eventAt = sentAt;
  /** What follows the facts of the beginning. */
  let rest: Reply | undefined;
  let take: ((read: Read) => Promise<void> | undefined) | undefined;
  let stopTimer = () => {};
  let isPassing = false;
  let isOver = false;

  function end(outcome: Outcome): void {
    if (isOver) return;
    isOver = true;
    stopTimer();
    onEnd(outcome);
  }

  function send(controller: Controller, events: readonly StreamEvent[]): void {
    let text = "";
    for (const event of events) text += encodeEvent(event);
    controller.enqueue(utf8.encode(text));
    sentAt = performance.now();
  }

  function keepAlive(controller: Controller): void {
    if (isOver) return;
    const now = performance.now();
    if ((controller.desiredSize ?? 0) <= 0) {
      // A client that does not read needs no keep-alive, which would only make the queue grow.
      if (now - sentAt < stallMs) return;
      end("client left");
      controller.error(new Error("The client has stopped reading"));
      return;
    }
    if (now - eventAt >= pace.deltaAfter && !mayPass) {
      const events = writer.keepAlive();
      if (events.length > 0) send(controller, events);
      eventAt = now;
    }
    if (now - sentAt >= pace.pingAfter) send(controller, [{ type: "ping" }]);
  }

  /** Reads until there is something to send. Runs for every chunk of every stream: not `async`, no function made for it. */
  function readOn(controller: Controller): Promise<void> | undefined {
    if (!take) {
      take = ({ value }) => takeFacts(controller, value ?? undefined);
      return reply.then((begun) => {
        rest = begun.rest;
        return takeFacts(controller, begun.first);
      });
    }
    return rest ? rest.next().then(take) : takeFacts(controller, undefined);
  }

  /** @param facts undefined at the end of the reply */
  function takeFacts(
    controller: Controller,
    facts: readonly ReplyEvent[] | undefined,
  ): Promise<void> | undefined {
    if (isOver) return undefined;
    const events = facts ? takeEvents(facts) : writer.end();
    const hasPassed = facts !== undefined && sendPassed(controller, facts);
    if (events.length > 0) send(controller, events);
    const hasSent = hasPassed || events.length > 0;
    if (hasSent) eventAt = sentAt;
    if (facts) return hasSent ? undefined : readOn(controller);
    controller.close();
    end("answered");
    return undefined;
  }

  function takeEvents(facts: readonly ReplyEvent[]): readonly StreamEvent[] {
    record.see(facts);
    // In the middle of a reply that passes, nothing else is to be done.
    if (isPassing && facts.length === 1 && facts[0]?.type === "passed") return noEvents;
    return writer.push(facts);
  }

  /** Sends what a read passes on. If the message has been opened already, the backend's own beginning is left out. */
  function sendPassed(controller: Controller, facts: readonly ReplyEvent[]): boolean {
    let hasPassed = false;
    for (const fact of facts) {
      if (fact.type !== "passed") continue;
      isPassing = true;
      if (fact.opens && !opensItself) continue;
      controller.enqueue(fact.bytes);
      hasPassed = true;
    }
    if (hasPassed) sentAt = performance.now();
    return hasPassed;
  }

  return new ReadableStream<Uint8Array>({
    start(controller) {
      if (!opensItself) send(controller, writer.start());
      stopTimer = shareInterval(() => keepAlive(controller), Math.min(1000, pace.pingAfter, stallMs));
    },
    pull: readOn,
    cancel() {
      end("client left");
    },
  });
}
