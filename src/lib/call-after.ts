/**
 * Calls after a delay. All calls with the same delay share one timer of the runtime: every request sets several delays
 * and cancels nearly all of them, and so thousands of requests wake the process once.
 */
import { LiveList, Member } from "./live-list.ts";

export type Delayed = {
  /** Cancels the call. Does nothing if it was made or cancelled before. */
  cancel(): void;
};

/** By delay, ms. */
const queues = new Map<number, DelayQueue>();

/** Calls `callback` once after `ms`, like `setTimeout`. It must not throw. */
export function callAfter(ms: number, callback: () => void): Delayed {
  let queue = queues.get(ms);
  if (!queue) {
    queue = new DelayQueue(ms);
    queues.set(ms, queue);
  }
  return queue.add(callback);
}

/** Calls with the same delay: the first to be added is the first to be due. */
class DelayQueue {
  readonly #waiting = new LiveList<Call>();
  readonly #ms: number;
  /** Set for the call that was first at that time. Keeps the process alive while any call waits. */
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(ms: number) {
    this.#ms = ms;
  }

  add(callback: () => void): Call {
    const call = new Call(this, callback, performance.now() + this.#ms);
    this.#waiting.add(call);
    if (this.#waiting.size === 1) {
      if (this.#timer) this.#timer.ref();
      else this.#start(this.#ms);
    }
    return call;
  }

  remove(call: Call): void {
    if (this.#waiting.delete(call) && this.#waiting.size === 0) this.#timer?.unref();
  }

  #start(ms: number): void {
    this.#timer = setTimeout(() => this.#callDue(), ms);
  }

  #callDue(): void {
    this.#timer = undefined;
    // The runtime's timers may be a little early.
    const now = performance.now() + 1;
    for (let call = this.#waiting.first; call; call = this.#waiting.first) {
      if (call.due > now) {
        // Unless a callback has added this call to an empty queue, which has set the timer.
        if (!this.#timer) this.#start(call.due - now + 1);
        return;
      }
      this.#waiting.delete(call);
      call.callback();
    }
    if (!this.#timer) queues.delete(this.#ms);
  }
}

class Call extends Member<Call> implements Delayed {
  readonly #queue: DelayQueue;
  readonly callback: () => void;
  readonly due: number;

  constructor(queue: DelayQueue, callback: () => void, due: number) {
    super();
    this.#queue = queue;
    this.callback = callback;
    this.due = due;
  }

  cancel(): void {
    this.#queue.remove(this);
  }
}
