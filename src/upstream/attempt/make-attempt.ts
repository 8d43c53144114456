/**
 * Room `upstream/attempt/`: one attempt at an answer, when to try again, and what refusals have taught. Not here: the
 * format of a body.
 *
 * One attempt: sends the request, and reads the answer in whatever form it comes.
 */
import { parseJson } from "../../lib/json.ts";
import type { StopSignal } from "../../lib/stop.ts";
import { forgetMessages } from "../../plan/forget-messages.ts";
import type { Plan } from "../../plan/plan.ts";
import { type BegunReply, beginReply, failedReply, type ReplyEvent, wholeReply } from "../../reply.ts";
import { writeTraceHeaders } from "../../telemetry/otlp/trace-context.ts";
import { userAgent } from "../../version.ts";
import { filterReader, filterReply } from "../filters/choose-filters.ts";
import type { ByteReader, Protocol, WrittenRequest } from "../protocol.ts";
import type { Answer } from "../transport/read-answer.ts";
import type { Sender } from "../transport/send.ts";
import { EventReader, explainReading, StreamedReply } from "./read-stream.ts";

/** Largest JSON answer and largest error body that are read, bytes. */
const messageLimit = 64 * 1024 * 1024;
const errorLimit = 64 * 1024;

export type Attempt = {
  readonly protocol: Protocol;
  readonly plan: Plan;
  readonly written: WrittenRequest;
  readonly sender: Sender;
  /** Whether the previous attempt lost its connection. */
  readonly isolated: boolean;
  readonly signal: StopSignal;
};

/**
 * Sends the request, and reads until a reply has begun. Never fails: a failure, before the headers or in mid-answer, is
 * the last fact.
 */
export async function makeAttempt(attempt: Attempt): Promise<BegunReply> {
  const { protocol, plan } = attempt;
  try {
    const answer = await sendWritten(attempt);
    const type = answer.headers.get("content-type") ?? "";
    if (answer.status >= 400 || type.includes("html")) {
      const body = await answer.text(errorLimit, () => true);
      return failedReply(protocol.readError(answer.status, answer.headers, body, plan));
    }
    const headers = protocol.readLimits(answer.headers);
    const limits: ReplyEvent[] = Object.keys(headers).length > 0 ? [{ type: "limits", headers }] : [];
    if (type.includes("json") && !/stream|ndjson|jsonl|json-?lines|json-seq/.test(type)) {
      const facts = readJson(await answer.text(messageLimit, isWhole), attempt);
      return wholeReply(limits.length > 0 ? [...limits, ...facts] : facts);
    }
    return await beginReply(new StreamedReply(answer, openReader(attempt)), limits);
  } catch (thrown) {
    return failedReply(explainReading(thrown));
  }
}

/** The filters are for replies that are converted; one that passes is left as it is. */
function openReader({ protocol, plan: sent, written }: Attempt): ByteReader {
  const plan = forgetMessages(sent);
  if (protocol.passes) return protocol.createReader(plan);
  return new EventReader(filterReader(protocol.createReader(plan, written), plan, written.clientToolName));
}

function readJson(body: string, attempt: Attempt): ReplyEvent[] {
  const { protocol, plan, written } = attempt;
  const json = parseJson(body);
  if (json === undefined && looksLikeEvents(body)) {
    const reader = openReader(attempt);
    return [...reader.read(new TextEncoder().encode(body)), ...reader.end()];
  }
  const facts = protocol.readMessage(json, body, plan, written);
  return protocol.passes ? facts : filterReply(facts, plan, written.clientToolName);
}

/**
 * Whether a body that is not JSON holds events: some servers label a stream as JSON, or send several JSON texts, or glue
 * `[DONE]` to the only one.
 */
function looksLikeEvents(body: string): boolean {
  return /^\s*(?:data:|event:|:)|\}\s*(?:data:|\[DONE\])|\}\s*\n\s*\{/.test(body);
}

/** Whether the connection may break now: an answer labelled as JSON has arrived, or is a stream, whose end shows. */
function isWhole(body: string): boolean {
  return parseJson(body) !== undefined || looksLikeEvents(body);
}

function sendWritten({ plan, written, sender, isolated, signal }: Attempt): Promise<Answer> {
  return sender.send({
    method: "POST",
    url: plan.url,
    setting: plan.backend.settings.address,
    headers: {
      ...plan.backend.headers,
      ...writeAgent(plan),
      ...(plan.trace && writeTraceHeaders(plan.trace)),
      ...written.headers,
      "content-type": "application/json",
      accept: "text/event-stream, application/json",
    },
    body: written.body,
    asked: plan.request,
    isolated,
    silenceMs: plan.backend.silenceMs,
    firstSilenceMs: plan.backend.firstSilenceMs,
    signal,
  });
}

/** Our name and the client's, unless the operator has set another one. */
function writeAgent({ backend: { headers }, clientAgent }: Plan): Record<string, string> {
  return clientAgent !== undefined && headers["user-agent"] === userAgent
    ? { "user-agent": `${userAgent} ${clientAgent}` }
    : {};
}
