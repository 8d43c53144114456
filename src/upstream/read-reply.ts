/**
 * Room `upstream/`: the backend's side: writes a request, sends it, reads the reply as facts. This file is the only
 * way in for a message. Not here: decisions, which the plan has made, and Anthropic's reply format.
 *
 * From a plan to facts: writes the request and sends it, more than once if that helps. Until the first fact that a
 * client would see, an attempt may fail unnoticed: its refusal is corrected, or its failure waited out. After that
 * nothing is repeated.
 */
import type { ProtocolName } from "../catalog/quirks.ts";
import { ProxyError, toProxyError } from "../errors.ts";
import { deferIterator, type Opened } from "../lib/defer-iterator.ts";
import type { Target, Way } from "../plan/choose-target.ts";
import { adjustPlan, type Plan } from "../plan/plan.ts";
import { isSeen, type Reply, type ReplyEvent } from "../reply.ts";
import type { Metrics, RetryReason } from "../telemetry/metrics.ts";
import { anthropicMessages } from "./anthropic-messages/protocol.ts";
import { makeAttempt } from "./attempt/make-attempt.ts";
import type { Healing } from "./attempt/remember-corrections.ts";
import { createRetry, type Retry, type RetryPace } from "./attempt/retry.ts";
import { createTrail } from "./attempt/track-places.ts";
import { type Correction, describeCorrection } from "./corrections.ts";
import { correctQuirks } from "./healing/correct-quirks.ts";
import { findCorrection } from "./healing/find-correction.ts";
import { openaiChat } from "./openai-chat/protocol.ts";
import { openaiResponses } from "./openai-responses/protocol.ts";
import type { Protocol } from "./protocol.ts";
import type { Sender } from "./transport/send.ts";

const protocols: Readonly<Record<ProtocolName, Protocol>> = {
  chat: openaiChat,
  responses: openaiResponses,
  anthropic: anthropicMessages,
};

export type Upstream = {
  readonly sender: Sender;
  readonly healing: Healing;
  readonly pace: RetryPace;
  readonly metrics: Pick<Metrics, "retry">;
  /** Told before a request is sent once more. */
  readonly again?: ((why: Again) => void) | undefined;
};

/** Why a request is sent again: its last failure, and the change that answers it, if there is one. */
type Again =
  | { readonly kind: "corrected"; readonly change: string; readonly error: string }
  | { readonly kind: "repeated"; readonly error: string };

/**
 * Opens the reply at the first call of `next`, and then passes on what the successful attempt reads. The first item
 * contains everything up to the first fact that a client sees; without such a fact it is the whole reply.
 *
 * @param note called once for each thing that was lost or changed in the request
 */
export function readReply(
  plan: Plan,
  upstream: Upstream,
  signal: AbortSignal,
  note: (words: string) => void,
): Reply {
  return deferIterator(() =>
    findAttempt(plan, upstream, signal, note).catch((thrown: unknown) => ({
      first: [{ type: "failure" as const, error: toProxyError(thrown) }],
      rest: nothing(),
    })),
  );
}

/** The target with what its refusals have taught, so that a plan does not choose again what was refused. */
export function correctTarget(target: Target, healing: Pick<Healing, "learned">): Target {
  const corrections = healing.learned(target);
  if (corrections.length === 0) return target;
  const way = findMove(target, corrections);
  if (way) return correctTarget({ ...target, ...way, otherWays: [] }, healing);
  const quirks = correctQuirks(target.quirks, corrections);
  return quirks === target.quirks ? target : { ...target, quirks };
}

function findMove({ otherWays }: Target, corrections: readonly Correction[]): Way | undefined {
  const move = corrections.find(({ change }) => change === "move");
  return move?.change === "move" ? otherWays.find(({ protocol }) => protocol === move.to) : undefined;
}

type Begun = Opened<ReplyEvent[]>;

async function findAttempt(
  given: Plan,
  { sender, healing, pace, metrics, again }: Upstream,
  signal: AbortSignal,
  note: (words: string) => void,
): Promise<Begun> {
  const retry = createRetry(pace, signal, given.maxTokens, healing.outages.lasts(given));
  const trail = createTrail(given);
  const noted = new Set<string>();
  /** Hashes of the bodies that were refused. */
  const refused = new Set<string>();
  for (;;) {
    const corrections = [...healing.learned(trail.plan), ...trail.corrections];
    const plan = adjustPlan(trail.plan, correctQuirks(trail.plan.quirks, corrections));
    const protocol = protocols[plan.protocol];
    const written = protocol.writeRequest(plan, corrections);
    for (const words of new Set(written.notes).difference(noted)) {
      noted.add(words);
      note(words);
    }
    if (refused.size > 0 && refused.has(hashOf(written.body))) return endSearch(retry);
    const begun = await readToFirstSeen(
      makeAttempt({ protocol, plan, written, sender, isolated: retry.wasUnreachable, signal }),
    );
    const last = begun.first.at(-1);
    const hasAnswered = begun.first.some(isSeen);
    const correct = (error: ProxyError) => {
      const correction = findCorrection(error, plan, written);
      // A request that is moved may have to come back.
      if (correction && correction.change !== "move") refused.add(hashOf(written.body));
      if (correction) trail.add(correction);
      return correction;
    };
    const corrected = retry.corrections.length;
    if (!hasAnswered && (await retry.shouldTryAgain(last, correct))) {
      metrics.retry(retry.corrections.length > corrected ? "correction" : reasonOf(last));
      again?.(describeAgain(last, retry.corrections.at(corrected)));
      continue;
    }
    if (hasAnswered || last?.type !== "failure") {
      trail.learn(healing);
      healing.outages.end(plan);
    } else if (retry.mayPass && !signal.aborted) healing.outages.begin(plan);
    return begun;
  }
}

function reasonOf(last: ReplyEvent | undefined): RetryReason {
  return last?.type === "failure" ? last.error.kind : "empty";
}

function describeAgain(last: ReplyEvent | undefined, correction: Correction | undefined): Again {
  const error = last?.type === "failure" ? last.error.message : "The answer was empty";
  return correction
    ? { kind: "corrected", change: describeCorrection(correction), error }
    : { kind: "repeated", error };
}

function hashOf(body: string): string {
  return new Bun.CryptoHasher("sha256").update(body).digest("hex");
}

/** The last correction took an earlier one back, so nothing is left to try. */
function endSearch({ corrections, refusal }: Retry): Begun {
  const tried = corrections.map(describeCorrection).join(", ");
  const reason = refusal?.message ?? "";
  const error = new ProxyError(
    refusal?.kind ?? "upstream",
    `The backend refuses this request in every form that was tried (${tried}): ${reason}`,
    { upstreamStatus: refusal?.upstreamStatus },
  );
  return { first: [{ type: "failure", error }], rest: nothing() };
}

async function readToFirstSeen(attempt: Reply): Promise<Begun> {
  const facts: ReplyEvent[] = [];
  for (let read = await attempt.next(); !read.done; read = await attempt.next()) {
    // Not spread into arguments: a body of many megabytes is one read.
    for (const fact of read.value) facts.push(fact);
    if (read.value.some(isSeen)) break;
  }
  return { first: facts, rest: attempt };
}

async function* nothing(): Reply {}
