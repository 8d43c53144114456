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
import type { StopSignal } from "../lib/stop.ts";
import type { Target, Way } from "../plan/choose-target.ts";
import { adjustPlan, type Plan } from "../plan/plan.ts";
import { type BegunReply, failedReply, isSeen, type ReplyEvent } from "../reply.ts";
import type { Metrics, RetryReason } from "../telemetry/metrics.ts";
import { anthropicMessages } from "./anthropic-messages/protocol.ts";
import { type Attempt, makeAttempt } from "./attempt/make-attempt.ts";
import type { Healing } from "./attempt/remember-corrections.ts";
import { createRetry, type Retry, type RetryPace } from "./attempt/retry.ts";
import { createTrail } from "./attempt/track-places.ts";
import { type Correction, describeCorrection } from "./corrections.ts";
import { correctQuirks } from "./healing/correct-quirks.ts";
import { openaiChat } from "./openai-chat/protocol.ts";
import { openaiResponses } from "./openai-responses/protocol.ts";
import type { Protocol, WrittenRequest } from "./protocol.ts";
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

/** A reply, and the plan that it answers. */
export type SentReply = BegunReply & { readonly plan: Plan };

/**
 * Sends the plan's request until a reply begins, or nothing more can be done. Never fails: a failure is the last fact.
 *
 * @param note called once for each thing that was lost or changed in the request
 */
export async function readReply(
  plan: Plan,
  upstream: Upstream,
  signal: StopSignal,
  note: (words: string) => void,
): Promise<SentReply> {
  const { healing } = upstream;
  let begun: BegunReply;
  try {
    const isOutage = healing.outages.lasts(plan);
    const attempt = writeAttempt(plan, healing.learned(plan), upstream.sender, signal);
    for (const words of attempt.written.notes) note(words);
    begun = await makeAttempt(attempt);
    if (hasAnswered(begun)) healing.outages.end(plan);
    else begun = await tryAgain({ plan, attempt, begun, isOutage }, upstream, note);
  } catch (thrown) {
    begun = failedReply(toProxyError(thrown));
  }
  return { first: begun.first, rest: begun.rest, plan };
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

function writeAttempt(
  given: Plan,
  corrections: readonly Correction[],
  sender: Sender,
  signal: StopSignal,
  isolated = false,
): Attempt {
  const plan = adjustPlan(given, correctQuirks(given.quirks, corrections));
  const protocol = protocols[plan.protocol];
  return { protocol, plan, written: protocol.writeRequest(plan, corrections), sender, isolated, signal };
}

function hasAnswered({ first, rest }: BegunReply): boolean {
  return rest !== undefined || first.some(isSeen);
}

/** A first attempt that has shown nothing of an answer. */
type FirstAttempt = {
  readonly plan: Plan;
  readonly attempt: Attempt;
  readonly begun: BegunReply;
  /** The place was already failing when it was made. */
  readonly isOutage: boolean;
};

/** Corrects the request or waits, and sends it again, until that no longer helps. */
async function tryAgain(
  first: FirstAttempt,
  { sender, healing, pace, metrics, again }: Upstream,
  note: (words: string) => void,
): Promise<BegunReply> {
  // Loaded when a request is refused: most proxies never need it.
  const { findCorrection } = await import("./healing/find-correction.ts");
  let { attempt, begun } = first;
  const { signal } = attempt;
  const retry = createRetry(pace, signal, first.plan.maxTokens, first.isOutage);
  const trail = createTrail(first.plan);
  const noted = new Set(attempt.written.notes);
  /** Hashes of the bodies that were refused. */
  const refused = new Set<string>();
  const correct = (error: ProxyError) => {
    const correction = findCorrection(error, attempt.plan, attempt.written);
    // A request that is moved may have to come back.
    if (correction && correction.change !== "move") refused.add(hashOf(attempt.written));
    if (correction) trail.add(correction);
    return correction;
  };
  for (;;) {
    const last = begun.first.at(-1);
    const corrected = retry.corrections.length;
    if (hasAnswered(begun) || !(await retry.shouldTryAgain(last, correct))) break;
    metrics.retry(retry.corrections.length > corrected ? "correction" : reasonOf(last));
    again?.(describeAgain(last, retry.corrections.at(corrected)));
    const corrections = [...healing.learned(trail.plan), ...trail.corrections];
    attempt = writeAttempt(trail.plan, corrections, sender, signal, retry.wasUnreachable);
    for (const words of new Set(attempt.written.notes).difference(noted)) {
      noted.add(words);
      note(words);
    }
    if (refused.size > 0 && refused.has(hashOf(attempt.written))) return endSearch(retry);
    begun = await makeAttempt(attempt);
  }
  if (hasAnswered(begun) || begun.first.at(-1)?.type !== "failure") {
    trail.learn(healing);
    healing.outages.end(attempt.plan);
  } else if (retry.mayPass && !signal.aborted) healing.outages.begin(attempt.plan);
  return begun;
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

function hashOf({ body }: WrittenRequest): string {
  return new Bun.CryptoHasher("sha256").update(String(body)).digest("hex");
}

/** The last correction took an earlier one back, so nothing is left to try. */
function endSearch({ corrections, refusal }: Retry): BegunReply {
  const tried = corrections.map(describeCorrection).join(", ");
  const reason = refusal?.message ?? "";
  return failedReply(
    new ProxyError(
      refusal?.kind ?? "upstream",
      `The backend refuses this request in every form that was tried (${tried}): ${reason}`,
      { upstreamStatus: refusal?.upstreamStatus },
    ),
  );
}
