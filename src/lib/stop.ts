/**
 * Ends work that is under way, like an `AbortController` and its signal in one. Every request needs one, few are ever
 * aborted, and the runtime's own costs as much as reading a small request.
 */

/** What the work watches; an `AbortSignal` is one as well. */
export type StopSignal = {
  readonly aborted: boolean;
  /** What `abort` was given. */
  readonly reason: unknown;
  addEventListener(type: "abort", listener: () => void, options: { readonly once: true }): void;
  removeEventListener(type: "abort", listener: () => void): void;
};

/** What ends the work; an `AbortController` is one as well. */
export type Stopper = {
  readonly signal: StopSignal;
  /** Does nothing the second time. */
  abort(reason?: unknown): void;
};

export class Stop implements Stopper, StopSignal {
  #aborted = false;
  #reason: unknown;
  readonly #listeners: (() => void)[] = [];

  get signal(): StopSignal {
    return this;
  }

  get aborted(): boolean {
    return this.#aborted;
  }

  get reason(): unknown {
    return this.#reason;
  }

  addEventListener(_type: "abort", listener: () => void): void {
    if (!this.#aborted) this.#listeners.push(listener);
  }

  removeEventListener(_type: "abort", listener: () => void): void {
    const at = this.#listeners.indexOf(listener);
    if (at !== -1) this.#listeners.splice(at, 1);
  }

  abort(reason?: unknown): void {
    if (this.#aborted) return;
    this.#aborted = true;
    this.#reason = reason;
    // One of them may stop another from listening.
    for (let next = this.#listeners.shift(); next; next = this.#listeners.shift()) next();
  }
}
