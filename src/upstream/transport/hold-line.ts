/**
 * The lifetime of a request to a backend: how long the backend may be silent, and who ends the request. Bun's fetch
 * would give up after six minutes, streaming or not.
 */
import { ProxyError, toProxyError } from "../../errors.ts";
import { callAfter, type Delayed } from "../../lib/call-after.ts";
import type { HttpProxy } from "../../lib/find-http-proxy.ts";
import { isShortage } from "../../lib/find-shortage.ts";
import type { StopSignal } from "../../lib/stop.ts";
import { findConnectionFault } from "./find-connection-fault.ts";

/**
 * What is kept of the request while its line is open: not the body, which would stay in memory until the answer has
 * ended.
 */
type LineRequest = {
  readonly url: string;
  /** What sets the address. */
  readonly setting?: string;
  readonly silenceMs: number;
  readonly firstSilenceMs?: number;
  readonly signal: StopSignal;
};

/** A request under way. It ends with its last byte, with its signal, or when the backend is silent for too long. */
export class OpenLine {
  readonly #url: string;
  readonly #setting: string | undefined;
  readonly #silenceMs: number;
  readonly #caller: StopSignal;
  readonly #proxy: HttpProxy | undefined;
  readonly #onEnd: () => void;
  readonly #call = new AbortController();
  /** The longest silence that the request allows now, and the one that `limitSilence` may have shortened. */
  #usual: number;
  #allowed: number;
  /** When the current wait began; undefined if there is none. */
  #since: number | undefined;
  /** One delay serves all waits: when it is over, it is set again for the rest of the current one. */
  #delay: Delayed;
  #found: unknown;
  #hasAnswered = false;
  #isSilent = false;
  #isOver = false;

  /** @param onEnd frees the slot of the request; called once, when nothing more will be read */
  constructor(request: LineRequest, proxy: HttpProxy | undefined, onEnd: () => void) {
    this.#url = request.url;
    this.#setting = request.setting;
    this.#silenceMs = request.silenceMs;
    this.#caller = request.signal;
    this.#proxy = proxy;
    this.#onEnd = onEnd;
    this.#usual = request.firstSilenceMs ?? request.silenceMs;
    this.#allowed = this.#usual;
    this.#delay = callAfter(this.#allowed, this.#check);
    request.signal.addEventListener("abort", this.#onAbort, { once: true });
    if (request.signal.aborted) this.abort();
  }

  readonly #onAbort = (): void => this.abort();

  readonly #check = (): void => {
    const left =
      this.#since === undefined ? this.#allowed : this.#allowed - (performance.now() - this.#since);
    if (left > 0) {
      this.#delay = callAfter(left, this.#check);
      return;
    }
    this.#isSilent = true;
    this.abort();
  };

  get signal(): AbortSignal {
    return this.#call.signal;
  }

  get isSilent(): boolean {
    return this.#isSilent;
  }

  /** Whether the headers have come. */
  get hasAnswered(): boolean {
    return this.#hasAnswered;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** From now on the backend is waited for, at most as long as it may be silent; our own pauses do not count. */
  startWait(): void {
    this.#since = performance.now();
  }

  endWait(): void {
    this.#since = undefined;
    this.#hasAnswered = true;
  }

  /** The model has begun to answer: its own limit holds. */
  begin(): void {
    this.#usual = this.#silenceMs;
    this.limitSilence(undefined);
  }

  /** @param ms undefined for as long as the request allows */
  limitSilence(ms: number | undefined): void {
    this.#allowed = Math.min(this.#usual, ms ?? this.#usual);
    this.#delay.cancel();
    if (!this.#isOver) this.#delay = callAfter(this.#allowed, this.#check);
  }

  /** The caller's reason for ending the request, if it gave one. */
  reason(): ProxyError | undefined {
    const reason: unknown = this.#caller.reason;
    return reason instanceof ProxyError ? reason : undefined;
  }

  /** Nothing more will be read: frees the slot. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#delay.cancel();
    this.#caller.removeEventListener("abort", this.#onAbort);
    this.#onEnd();
  }

  /** Ends the request at once, even if nothing is being read; a waiting reader gets an error. */
  abort(): void {
    this.#call.abort();
    this.end();
  }

  /** The same, with a cause that says more than the error of `fetch`. */
  fail(cause: unknown): void {
    this.#found = cause;
    this.abort();
  }

  /** The reason for the failure, in our own words: Bun's contain the whole URL, which may contain a key. */
  explain(thrown: unknown): ProxyError {
    if (thrown instanceof ProxyError) return thrown;
    const reason = this.reason();
    if (reason) return reason;
    return this.#isSilent
      ? explainSilence(this.#url, this.#allowed)
      : this.#explainFault(this.#found ?? thrown);
  }

  #explainFault(cause: unknown): ProxyError {
    if (isShortage(cause)) return toProxyError(cause);
    const { reason, isLasting } = findConnectionFault(cause, this.#setting);
    const proxy = this.#proxy;
    // What is wrong with the way to an HTTP proxy is not wrong with the backend.
    const problem = proxy
      ? `${reason.split("; ")[0]}; the request went through the proxy ${proxy.host}:${proxy.port}: check ${proxy.variable}, or add the host to NO_PROXY`
      : reason;
    const { host } = new URL(this.#url);
    return new ProxyError("unreachable", `Cannot reach the backend at ${host}: ${problem}`, {
      cause,
      isLasting,
    });
  }
}

function explainSilence(url: string, allowed: number): ProxyError {
  const seconds = Math.round(allowed / 1000);
  return new ProxyError(
    "timeout",
    `The backend at ${new URL(url).host} was silent for ${seconds} s; set REQUEST_TIMEOUT to more seconds to wait longer`,
  );
}
