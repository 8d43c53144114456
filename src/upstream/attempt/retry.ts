/** When a request is worth sending again, before the client has seen any of its answer. */
import type { ErrorKind, ProxyError } from "../../errors.ts";
import { isShortage } from "../../lib/find-shortage.ts";
import type { StopSignal } from "../../lib/stop.ts";
import { wait } from "../../lib/wait.ts";
import type { ReplyEvent } from "../../reply.ts";
import type { Correction } from "../corrections.ts";
import { findConnectionFault } from "../transport/find-connection-fault.ts";

/** How failures are retried, ms. */
export type RetryPace = {
  /** The wait before the first retry if the backend asks for none; it doubles each time, and varies by a quarter. */
  readonly firstRetryDelay: number;
  /** The longest wait that a backend may ask for. If it asks for more, the client is told at once, and waits itself. */
  readonly maxRetryDelay: number;
  /** Whether the request goes elsewhere after this failure instead of being sent again. */
  readonly elsewhere?: (error: ProxyError) => boolean;
};

const maxRepeats = 2;
/** A server names one fault at a time, and a client may bring many tools. */
const maxCorrections = 12;

export type Retry = {
  /** What this request's refusals have taught, in order. */
  readonly corrections: readonly Correction[];
  /** The last failure that a correction answers. */
  readonly refusal: ProxyError | undefined;
  /** The last failure is one that may pass by itself. */
  readonly mayPass: boolean;
  /** The last attempt got no connection, or lost it. */
  readonly wasUnreachable: boolean;
  /**
   * Whether to try again after an attempt that ended in `last` and showed nothing. Waits as long as needed, or until
   * the signal aborts.
   */
  shouldTryAgain(
    last: ReplyEvent | undefined,
    findCorrection: (error: ProxyError) => Correction | undefined,
  ): Promise<boolean>;
};

/**
 * @param maxTokens the answer's limit: with only one token, an empty answer is nothing unusual
 * @param isOutage whether the place was already failing: then nothing is repeated, but refusals are still corrected
 */
export function createRetry(pace: RetryPace, signal: StopSignal, maxTokens: number, isOutage = false): Retry {
  const corrections: Correction[] = [];
  let refusal: ProxyError | undefined;
  let repeats = 0;
  let wasEmpty = false;
  let wasUnreachable = false;
  let mayPass = false;
  let mistakeWasRetried = false;
  return {
    corrections,
    get refusal() {
      return refusal;
    },
    get mayPass() {
      return mayPass;
    },
    get wasUnreachable() {
      return wasUnreachable;
    },
    async shouldTryAgain(last, findCorrection) {
      if (signal.aborted) return false;
      if (last?.type === "finish" && last.reason === "stop") {
        // Models give an empty answer now and then. The second one in a row is accepted.
        const isFirst = !wasEmpty && maxTokens > 1;
        wasEmpty = true;
        return isFirst;
      }
      mayPass = last?.type === "failure" && passing.has(last.error.kind) && !last.error.isOurs;
      if (last?.type !== "failure") return false;
      wasUnreachable = last.error.kind === "unreachable";
      if (last.error.isModelMistake && !mistakeWasRetried) {
        mistakeWasRetried = true;
        return true;
      }
      const correction = corrections.length < maxCorrections ? findCorrection(last.error) : undefined;
      if (correction) {
        corrections.push(correction);
        refusal = last.error;
        return true;
      }
      const delay =
        isOutage || pace.elsewhere?.(last.error) ? undefined : retryDelay(last.error, repeats, pace);
      if (delay === undefined) return false;
      repeats += 1;
      await wait(delay, signal);
      return !signal.aborted;
    },
  };
}

/**
 * Failures that may pass by themselves, if they are the backend's. A timeout is not retried: it has taken long enough
 * already.
 */
const passing: ReadonlySet<ErrorKind> = new Set(["rate-limit", "overloaded", "upstream", "unreachable"]);

/**
 * Milliseconds to wait before the request is sent again, or undefined if the client should get the failure.
 *
 * @param repeats how often it was sent again already
 * @param chance between 0 and 1
 */
export function retryDelay(
  error: ProxyError,
  repeats: number,
  pace: RetryPace,
  chance = Math.random(),
): number | undefined {
  const max = findConnectionFault(error.cause).repeats ?? maxRepeats;
  if (!passing.has(error.kind) || repeats >= max) return undefined;
  // A shortage of connections is over when another request ends; all that wait must not come back at once.
  const isShort = isShortage(error.cause);
  if (error.isOurs && !isShort) return undefined;
  if (error.retryAfter === undefined || isShort)
    return pace.firstRetryDelay * 2 ** repeats * (0.75 + chance / 2);
  const asked = error.retryAfter * 1000;
  return asked <= pace.maxRetryDelay ? asked : undefined;
}
