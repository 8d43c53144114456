/** Repeated calls, with one timer for all that have the same interval: thousands of streams wake the process once. */
import { LiveList, Member } from "./live-list.ts";

/** Calls that are made until they are stopped. */
export type Repeated = {
  /** May be called again. */
  stop(): void;
};

/** By interval, ms. */
const groups = new Map<number, Group>();

/** Calls `callback` every `ms`, for the first time within `ms`. It must not throw. */
export function shareInterval(callback: () => void, ms: number): Repeated {
  let group = groups.get(ms);
  if (!group) {
    group = new Group(ms);
    groups.set(ms, group);
  }
  return group.add(callback);
}

/** All calls with the same interval. */
class Group {
  readonly #calls = new LiveList<Call>();
  readonly #ms: number;
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(ms: number) {
    this.#ms = ms;
    this.#timer = setInterval(() => {
      for (const { callback } of this.#calls) callback();
    }, ms);
  }

  add(callback: () => void): Call {
    const call = new Call(this, callback);
    this.#calls.add(call);
    return call;
  }

  remove(call: Call): void {
    if (!this.#calls.delete(call) || this.#calls.size > 0) return;
    clearInterval(this.#timer);
    groups.delete(this.#ms);
  }
}

/** The same callback may be called for several. */
class Call extends Member<Call> implements Repeated {
  readonly #group: Group;
  readonly callback: () => void;

  constructor(group: Group, callback: () => void) {
    super();
    this.#group = group;
    this.callback = callback;
  }

  stop(): void {
    this.#group.remove(this);
  }
}
