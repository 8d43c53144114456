/**
 * Calls after a delay. All that wait equally long share one timer of the runtime: a request sets several, nearly all of
 * them in vain, and thousands of requests wake the process once.
 */
import { LiveList, Member } from "./live-list.ts";

export type Delayed = {
  /** Takes the call back. May be called again, and after the call. */
  cancel(): void;
};

/** What waits for the same delay, ms: whoever came first is due first. */
const lines = new Map<number, WaitingLine>();

/** Calls `callback` once after `ms`, like `setTimeout`. It must not throw. */
export function callAfter(ms: number, callback: () => void): Delayed {
  let line = lines.get(ms);
  if (!line) {
    line = new WaitingLine(ms);
    lines.set(ms, line);
  }
  return line.add(callback);
}

class WaitingLine {
  readonly #waiting = new LiveList<Call>();
  readonly #ms: number;
  /** Runs until the first was due that was in line when it began. Keeps the process alive while any wait. */
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
        // A callback may have brought this one in, as the only one.
        if (!this.#timer) this.#start(call.due - now + 1);
        return;
      }
      this.#waiting.delete(call);
      call.callback();
    }
    if (!this.#timer) lines.delete(this.#ms);
  }
}

class Call extends Member<Call> implements Delayed {
  readonly #line: WaitingLine;
  readonly callback: () => void;
  readonly due: number;

  constructor(line: WaitingLine, callback: () => void, due: number) {
    super();
    this.#line = line;
    this.callback = callback;
    this.due = due;
  }

  cancel(): void {
    this.#line.remove(this);
  }
}
