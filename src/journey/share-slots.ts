/**
 * Shares the few requests that a backend answers at once. Those beyond them wait, a few and not for long; the next turn
 * goes to the conversation that has the fewest, so that the subagents of one do not hold up another.
 */
import { ProxyError } from "../errors.ts";
import type { StopSignal } from "../lib/stop.ts";
import type { Backend } from "../plan/create-backend.ts";

export type Slots = {
  /**
   * Resolves with the function that gives the place back, when the backend has room.
   * @throws ProxyError `overloaded` if too many wait already, or it takes too long
   */
  take(backend: LimitedBackend, conversation: string | undefined, signal: StopSignal): Promise<() => void>;
  /** How many requests a backend answers, and how many wait for it. */
  count(backend: string): { readonly running: number; readonly waiting: number };
  /** How many wait for any backend. */
  countWaiting(): number;
};

type LimitedBackend = Pick<Backend, "id" | "name" | "maxConcurrent">;

type Waiting = { readonly conversation: string; readonly go: (release: () => void) => void };

type Queue = {
  running: string[];
  waiting: Waiting[];
  /** As the last request says: a configuration that is read again may have another. */
  max: number;
};

/** Requests that may wait for each one that is answered. */
const maxWaitingShare = 4;

/** Seconds. */
const usualRetryAfter = 5;

/** @param maxWaitMs how long a request may wait */
export function createSlots(maxWaitMs = 120_000): Slots {
  const queues = new Map<string, Queue>();

  function queueOf(id: string): Queue {
    const queue = queues.get(id) ?? { running: [], waiting: [], max: Number.POSITIVE_INFINITY };
    queues.set(id, queue);
    return queue;
  }

  function begin(queue: Queue, conversation: string): () => void {
    queue.running.push(conversation);
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      queue.running.splice(queue.running.indexOf(conversation), 1);
      letIn(queue);
    };
  }

  function letIn(queue: Queue): void {
    while (queue.running.length < queue.max) {
      const next = findNext(queue);
      if (!next) return;
      queue.waiting.splice(queue.waiting.indexOf(next), 1);
      next.go(begin(queue, next.conversation));
    }
  }

  return {
    take({ id, name, maxConcurrent = Number.POSITIVE_INFINITY }, session, signal) {
      const conversation = session ?? "";
      const queue = queueOf(id);
      queue.max = maxConcurrent;
      letIn(queue);
      if (signal.aborted) return Promise.reject(busy(name, queue));
      if (queue.running.length < maxConcurrent) return Promise.resolve(begin(queue, conversation));
      if (queue.waiting.length >= maxConcurrent * maxWaitingShare) return Promise.reject(busy(name, queue));
      const { promise, resolve, reject } = Promise.withResolvers<() => void>();
      const waiting: Waiting = { conversation, go: resolve };
      const giveUp = () => {
        const at = queue.waiting.indexOf(waiting);
        if (at < 0) return;
        queue.waiting.splice(at, 1);
        reject(busy(name, queue));
      };
      const timer = setTimeout(giveUp, maxWaitMs);
      signal.addEventListener("abort", giveUp, { once: true });
      queue.waiting.push(waiting);
      return promise.finally(() => {
        clearTimeout(timer);
        signal.removeEventListener("abort", giveUp);
      });
    },
    count(id) {
      const { running, waiting } = queueOf(id);
      return { running: running.length, waiting: waiting.length };
    },
    countWaiting: () => [...queues.values()].reduce((sum, { waiting }) => sum + waiting.length, 0),
  };
}

/** The first of those whose conversation has the fewest requests there. */
function findNext({ running, waiting }: Queue): Waiting | undefined {
  const share = ({ conversation }: Waiting) => running.filter((one) => one === conversation).length;
  return waiting.toSorted((a, b) => share(a) - share(b))[0];
}

function busy(name: string, { running, waiting }: Queue): ProxyError {
  return new ProxyError(
    "overloaded",
    `The backend at ${name} is busy: it answers ${running.length} requests, and ${waiting.length} wait; try again soon`,
    { retryAfter: usualRetryAfter, isOurs: true },
  );
}
