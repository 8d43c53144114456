/**
 * Everything that can go wrong, as one small vocabulary. Any room may throw a `ProxyError`; only
 * `anthropic/write-error.ts` knows how it looks to a client.
 */
import { isShortage } from "./lib/find-shortage.ts";

export type ErrorKind =
  | "invalid-request"
  /** Something other than the API answered: the address is wrong, or a page stands in the way. */
  | "wrong-address"
  | "prompt-too-long"
  | "authentication"
  | "billing"
  | "spend-cap"
  | "permission"
  | "not-found"
  | "method-not-allowed"
  | "conflict"
  | "request-too-large"
  | "request-too-slow"
  | "unsupported-media-type"
  | "rate-limit"
  | "overloaded"
  | "timeout"
  | "unreachable"
  | "upstream"
  | "internal";

/** What a backend does not accept. */
export type RefusedMedia = {
  readonly media: "image" | "pdf";
  /** All of that kind, those beyond a number, or one that it cannot read. */
  readonly extent: "all" | "beyond" | "one";
  /** For `beyond`: how many are accepted. */
  readonly max?: number;
};

export type ErrorDetails = {
  /** Seconds the backend asked us to wait, possibly fractional. */
  readonly retryAfter?: number | undefined;
  /** Extra response headers that carry facts, such as `anthropic-ratelimit-*`. Never secrets. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The HTTP status the backend answered with, for the log. */
  readonly upstreamStatus?: number | undefined;
  /** A stable code that clients act on, sent as `error.details.error_code`. */
  readonly code?: string | undefined;
  /** All that a backend of Anthropic's own format says as `error.details`. */
  readonly details?: Readonly<Record<string, unknown>> | undefined;
  /** Such a backend's id of the request, by which its operator finds it. */
  readonly backendRequestId?: string | undefined;
  /** The part of the request that the backend refuses. */
  readonly refuses?: RefusedMedia | undefined;
  /** The proxy itself refuses the request or the answer: asking the backend again would not help. */
  readonly isOurs?: boolean | undefined;
  /** The model made a mistake that it may not make again, so the same request is worth a second try. */
  readonly isModelMistake?: boolean | undefined;
  /** Clients are told not to try again, although errors of this kind often pass. */
  readonly isLasting?: boolean | undefined;
  readonly cause?: unknown;
};

/** An error that a client may see. `message` is a sentence without a final period and without secrets. */
export class ProxyError extends Error {
  override readonly name = "ProxyError";
  readonly kind: ErrorKind;
  readonly retryAfter: number | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly upstreamStatus: number | undefined;
  readonly code: string | undefined;
  readonly details: Readonly<Record<string, unknown>> | undefined;
  readonly backendRequestId: string | undefined;
  readonly refuses: RefusedMedia | undefined;
  readonly isOurs: boolean;
  readonly isModelMistake: boolean;
  readonly isLasting: boolean;

  constructor(kind: ErrorKind, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.kind = kind;
    this.retryAfter = details.retryAfter;
    this.headers = details.headers ?? {};
    this.upstreamStatus = details.upstreamStatus;
    this.code = details.code;
    this.details = details.details;
    this.backendRequestId = details.backendRequestId;
    this.refuses = details.refuses;
    this.isOurs = details.isOurs ?? false;
    this.isModelMistake = details.isModelMistake ?? false;
    this.isLasting = details.isLasting ?? false;
  }
}

/**
 * Turns anything thrown into a `ProxyError`. A foreign error's message stays in `cause`, out of sight of the client.
 */
export function toProxyError(thrown: unknown): ProxyError {
  if (thrown instanceof ProxyError) return thrown;
  if (isShortage(thrown))
    return new ProxyError(
      "overloaded",
      "Cannot handle the request: the proxy has as many files and connections open as the system allows; try again soon, or raise ulimit -n",
      { retryAfter: 1, isOurs: true, cause: thrown },
    );
  return new ProxyError("internal", "Cannot handle the request: the proxy failed unexpectedly; see its log", {
    cause: thrown,
  });
}
