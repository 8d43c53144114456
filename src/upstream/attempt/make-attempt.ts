/**
 * Room `upstream/attempt/`: one attempt at an answer, when to try again, and what refusals have taught. Not here: the
 * format of a body.
 *
 * One attempt: sends the request, and reads the answer in whatever form it comes.
 */
import { ProxyError, toProxyError } from "../../errors.ts";
import { createSseDecoder, OversizedEventError } from "../../lib/decode-sse.ts";
import { parseJson } from "../../lib/json.ts";
import type { Plan } from "../../plan/plan.ts";
import type { ReplyEvent } from "../../reply.ts";
import { filterReader, filterReply } from "../filters/choose-filters.ts";
import type { Protocol, Reader, WrittenRequest } from "../protocol.ts";
import type { Answer, Sender } from "../transport/send.ts";

/** Largest JSON answer and largest error body that are read, bytes. */
const messageLimit = 64 * 1024 * 1024;
const errorLimit = 64 * 1024;

/** How long usage may follow a finish reason, and the end of the body may follow usage, ms. */
const usageGraceMs = 30_000;
const endGraceMs = 5_000;

/**
 * How much of one read is decoded at once, bytes: what it becomes takes many times as much memory, and must wait for
 * the client.
 */
const pieceBytes = 128 * 1024;

type Attempt = {
  readonly protocol: Protocol;
  readonly plan: Plan;
  readonly written: WrittenRequest;
  readonly sender: Sender;
  /** Whether the previous attempt lost its connection. */
  readonly isolated: boolean;
  readonly signal: AbortSignal;
};

/**
 * Yields the facts of each network read that held any. Never throws: a failure, before the headers or in mid-answer,
 * is the last fact.
 */
export async function* makeAttempt(attempt: Attempt): AsyncGenerator<ReplyEvent[], void> {
  const { protocol, plan, written } = attempt;
  let answer: Answer | undefined;
  try {
    answer = await sendWritten(attempt);
    const type = answer.headers.get("content-type") ?? "";
    if (answer.status >= 400 || type.includes("html")) {
      const body = await answer.text(errorLimit, () => true);
      yield [{ type: "failure", error: protocol.readError(answer.status, answer.headers, body, plan) }];
      return;
    }
    const headers = protocol.readLimits(answer.headers);
    if (Object.keys(headers).length > 0) yield [{ type: "limits", headers }];
    const reader = filterReader(protocol.createReader(plan, written), plan);
    const decoder = createSseDecoder();
    if (type.includes("json") && !/stream|ndjson|jsonl|json-?lines|json-seq/.test(type)) {
      const body = await answer.text(messageLimit, isWhole);
      if (!looksLikeEvents(body)) {
        yield filterReply(protocol.readMessage(body, plan, written), plan);
        return;
      }
      const frames = [...decoder.push(new TextEncoder().encode(body)), ...decoder.end()];
      yield [...frames.flatMap((frame) => reader.push(frame)), ...reader.end()];
      return;
    }
    let hasUsage = false;
    let wasFinished = false;
    while (reader.state !== "done") {
      const bytes = await readNext(answer, reader);
      for (let at = 0; bytes && at < bytes.length; at += pieceBytes) {
        // Other streams get their turn.
        if (at > 0) await new Promise(setImmediate);
        const frames = decoder.push(bytes.subarray(at, at + pieceBytes));
        const facts = frames.flatMap((frame) => reader.push(frame));
        hasUsage ||= facts.some((fact) => fact.type === "usage");
        if (facts.length > 0) yield facts;
      }
      if (!bytes) {
        const facts = decoder.end().flatMap((frame) => reader.push(frame));
        if (facts.length > 0) yield facts;
        break;
      }
      // Some servers never close a finished stream, and some go on after they have said that it is finished.
      if (reader.state !== "reading") answer.endAfterSilence(hasUsage ? endGraceMs : usageGraceMs);
      else if (wasFinished) answer.endAfterSilence(undefined);
      wasFinished = reader.state !== "reading";
    }
    const last = reader.end();
    if (last.length > 0) yield last;
  } catch (thrown) {
    yield [{ type: "failure", error: explain(thrown) }];
  } finally {
    answer?.release();
  }
}

/** Some servers label a stream as JSON, or send several JSON texts, or glue `[DONE]` to the only one. */
function looksLikeEvents(body: string): boolean {
  if (/^\s*(?:data:|event:|:)/.test(body)) return true;
  return /\}\s*(?:data:|\[DONE\])|\}\s*\n\s*\{/.test(body) && parseJson(body) === undefined;
}

/** Whether the connection may break now: an answer labelled as JSON has arrived, or is a stream, whose end shows. */
function isWhole(body: string): boolean {
  return looksLikeEvents(body) || parseJson(body) !== undefined;
}

function explain(thrown: unknown): ProxyError {
  return thrown instanceof OversizedEventError
    ? new ProxyError("upstream", `Cannot read the backend's stream: ${thrown.message}`)
    : toProxyError(thrown);
}

function sendWritten({ plan, written, sender, isolated, signal }: Attempt): Promise<Answer> {
  return sender.send({
    method: "POST",
    url: plan.backend.chatUrl,
    headers: {
      ...plan.backend.headers,
      "content-type": "application/json",
      accept: "text/event-stream, application/json",
    },
    body: written.body,
    isolated,
    silenceMs: plan.backend.silenceMs,
    signal,
  });
}

async function readNext(answer: Answer, reader: Reader): Promise<Uint8Array | undefined> {
  try {
    return await answer.read();
  } catch (thrown) {
    // The answer is complete; how the connection ends no longer matters.
    if (reader.state === "finished") return undefined;
    throw thrown;
  }
}
