/** One try: sends what was written, and reads whatever form of answer comes back. */
import { toProxyError } from "../errors.ts";
import { createSseDecoder } from "../lib/sse.ts";
import type { Plan } from "../plan/plan.ts";
import type { ReplyEvent } from "../reply.ts";
import type { Dialect, WrittenRequest } from "./dialect.ts";
import type { Answer, Sender } from "./send.ts";

/** Largest answer in one piece, and largest error body, that we look at; bytes. */
const messageLimit = 64 * 1024 * 1024;
const errorLimit = 64 * 1024;

/** How long usage may follow a finish reason, and the end of the body may follow usage, ms. */
const usageGraceMs = 30_000;
const endGraceMs = 5_000;

export type Attempt = {
  readonly dialect: Dialect;
  readonly plan: Plan;
  readonly written: WrittenRequest;
  readonly sender: Sender;
  readonly signal: AbortSignal;
};

/**
 * Yields the facts of each network read that held any. Never throws: a failure, before the head or in mid-answer,
 * is the last fact.
 */
export async function* makeAttempt(attempt: Attempt): AsyncGenerator<ReplyEvent[], void> {
  const { dialect, plan, written, sender, signal } = attempt;
  let answer: Answer | undefined;
  try {
    answer = await sender.send({
      method: "POST",
      url: plan.backend.chatUrl,
      headers: {
        ...plan.backend.headers,
        "content-type": "application/json",
        accept: "text/event-stream, application/json",
      },
      body: written.body,
      silenceMs: plan.backend.silenceMs,
      signal,
    });
    const type = answer.headers.get("content-type") ?? "";
    if (answer.status >= 400 || type.includes("html")) {
      const body = await answer.text(errorLimit);
      yield [{ type: "failure", error: dialect.readError(answer.status, answer.headers, body, plan) }];
    } else if (type.includes("json") && !type.includes("stream")) {
      yield dialect.readMessage(await answer.text(messageLimit), plan, written);
    } else {
      yield* readStream(attempt, answer);
    }
  } catch (thrown) {
    yield [{ type: "failure", error: toProxyError(thrown) }];
  } finally {
    answer?.release();
  }
}

async function* readStream(
  { dialect, plan, written }: Attempt,
  answer: Answer,
): AsyncGenerator<ReplyEvent[], void> {
  const decoder = createSseDecoder();
  const reader = dialect.createReader(plan, written);
  let hasUsage = false;
  while (reader.state !== "done") {
    const bytes = await answer.read().catch((thrown: unknown) => {
      // Everything was said; how the connection ended does not matter any more.
      if (reader.state === "finished") return undefined;
      throw thrown;
    });
    const frames = bytes ? decoder.push(bytes) : decoder.end();
    const facts = frames.flatMap((frame) => reader.push(frame));
    hasUsage ||= facts.some((fact) => fact.type === "usage");
    if (facts.length > 0) yield facts;
    if (!bytes) break;
    // Some servers never close the stream they have finished.
    if (reader.state === "finished") answer.endAfterSilence(hasUsage ? endGraceMs : usageGraceMs);
  }
  const last = reader.end();
  if (last.length > 0) yield last;
}
