/** The answer as server-sent events, for a client that may wait, disconnect or stop reading at any moment. */

import type { EventText } from "../anthropic/encode-event.ts";
import type { StreamWriter } from "../anthropic/write-stream.ts";
import { toProxyError } from "../errors.ts";
import { raceTimer } from "../lib/race-timer.ts";
import { type Repeated, shareInterval } from "../lib/share-interval.ts";
import type { BegunReply, Reply, ReplyEvent } from "../reply.ts";
import type { MessageRecord, Outcome } from "../telemetry/record.ts";
import type { Pace } from "./services.ts";

type ReplyStream = {
  readonly reply: Promise<BegunReply>;
  /** Writes into `events`. */
  readonly writer: StreamWriter;
  readonly events: EventText;
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
  return new Response(new ReadableStream<Uint8Array>(new EventBody(options, early)), {
    headers: {
      ...limits?.headers,
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache",
    },
  });
}

const utf8 = new TextEncoder();

type Controller = ReadableStreamDefaultController<Uint8Array>;
type Read = Awaited<ReturnType<Reply["next"]>>;

/** The first facts, taken out of the reply: it is kept as long as the answer lasts, and they have the text of a read. */
function takeFirst({ first }: BegunReply): ReplyEvent[] {
  return first.splice(0);
}

/** Reads the reply as its client reads the events. */
class EventBody {
  readonly #options: ReplyStream;
  /** The reply, until it has begun. */
  #reply: Promise<BegunReply> | undefined;
  /** Its first facts, until they are sent. */
  #first: readonly ReplyEvent[] | undefined;
  /** What follows them. */
  #rest: Reply | undefined;
  /** The backend's own events begin the message. */
  readonly #opensItself: boolean;
  #controller: Controller | undefined;
  /** When anything was last sent, and when an event other than a ping was. */
  #sentAt = performance.now();
  #eventAt = this.#sentAt;
  #timer: Repeated | undefined;
  #isOver = false;

  /** @param early the reply, if it has begun */
  constructor(options: ReplyStream, early: BegunReply | undefined) {
    this.#options = options;
    this.#reply = early ? undefined : options.reply;
    this.#first = early && takeFirst(early);
    this.#rest = early?.rest;
    this.#opensItself = this.#first?.some(({ type }) => type === "passed") ?? false;
  }

  start(controller: Controller): void {
    const { writer, pace, stallMs } = this.#options;
    this.#controller = controller;
    this.#timer = shareInterval(this.#keepAlive, Math.min(1000, pace.pingAfter, stallMs));
    if (!this.#opensItself) writer.start();
    if (this.#first) this.#write(controller, this.#first);
    this.#first = undefined;
    this.#send(controller);
  }

  /** Reads until there is something to send. Runs for every chunk of every stream: not `async`, no function made for it. */
  pull(controller: Controller): Promise<void> | undefined {
    if (this.#reply) return this.#begin(this.#reply);
    return this.#rest ? this.#rest.next().then(this.#takeRead, this.#takeFault) : this.#close(controller);
  }

  cancel(): void {
    this.#end("client left");
  }

  async #begin(reply: Promise<BegunReply>): Promise<void> {
    this.#reply = undefined;
    const begun = await reply;
    this.#rest = begun.rest;
    await this.#takeRead({ value: takeFirst(begun) });
  }

  readonly #takeRead = ({ value: facts }: Read): Promise<void> | undefined => {
    const controller = this.#controller;
    if (this.#isOver || !controller) return undefined;
    if (!facts) return this.#close(controller);
    const hasPassed = this.#write(controller, facts);
    // The last facts and the end of the message are sent together.
    if (!this.#rest || this.#rest.isOver) return this.#close(controller);
    if (!this.#send(controller) && !hasPassed) return this.pull(controller);
    this.#eventAt = this.#sentAt;
    return undefined;
  };

  /** A reply must not throw. If one does, it has ended, and so must everything that waits for its end. */
  readonly #takeFault = (thrown: unknown): Promise<void> | undefined => {
    this.#rest = undefined;
    return this.#takeRead({ value: [{ type: "failure", error: toProxyError(thrown) }] });
  };

  /** @returns whether anything was passed on */
  #write(controller: Controller, facts: readonly ReplyEvent[]): boolean {
    const { record, writer } = this.#options;
    record.see(facts);
    writer.push(facts);
    return this.#sendPassed(controller, facts);
  }

  /** Sends what a read passes on. If the message has been opened already, the backend's own beginning is left out. */
  #sendPassed(controller: Controller, facts: readonly ReplyEvent[]): boolean {
    let hasPassed = false;
    for (const fact of facts) {
      if (fact.type !== "passed") continue;
      if (fact.opens && !this.#opensItself) continue;
      controller.enqueue(fact.bytes);
      hasPassed = true;
    }
    if (hasPassed) this.#sentAt = performance.now();
    return hasPassed;
  }

  /** Sends what has been written, if anything has. */
  #send(controller: Controller): boolean {
    const text = this.#options.events.take();
    if (text === "") return false;
    controller.enqueue(utf8.encode(text));
    this.#sentAt = performance.now();
    return true;
  }

  readonly #keepAlive = (): void => {
    const { writer, events, pace, mayPass, stallMs } = this.#options;
    const controller = this.#controller;
    if (this.#isOver || !controller) return;
    const now = performance.now();
    if ((controller.desiredSize ?? 0) <= 0) {
      // A client that does not read needs no keep-alive, which would only make the queue grow.
      if (now - this.#sentAt < stallMs) return;
      this.#end("client left");
      controller.error(new Error("The client has stopped reading"));
      return;
    }
    if (now - this.#eventAt >= pace.deltaAfter && !mayPass) {
      writer.keepAlive();
      this.#send(controller);
      this.#eventAt = now;
    }
    if (now - this.#sentAt < pace.pingAfter) return;
    events.add({ type: "ping" });
    this.#send(controller);
  };

  #close(controller: Controller): undefined {
    if (this.#isOver) return;
    this.#options.writer.end();
    this.#send(controller);
    controller.close();
    this.#end("answered");
  }

  #end(outcome: Outcome): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#timer?.stop();
    this.#options.onEnd(outcome);
  }
}
