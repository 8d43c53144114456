/**
 * The only place where errors become responses: a `ProxyError` in the words, statuses and headers that Anthropic
 * clients act on. Source: Anthropic API errors; how Claude Code retries.
 */
import type { ErrorKind, ProxyError } from "../errors.ts";
import type { ErrorEnvelope, ErrorType } from "./wire-reply.ts";

type ErrorForm = { readonly type: ErrorType; readonly status: number; readonly shouldRetry: boolean };

const forms = {
  "invalid-request": { type: "invalid_request_error", status: 400, shouldRetry: false },
  // Claude Code does not show the message of a 404.
  "wrong-address": { type: "invalid_request_error", status: 400, shouldRetry: false },
  // With the right wording, this makes Claude Code compact its conversation.
  "prompt-too-long": { type: "invalid_request_error", status: 400, shouldRetry: false },
  authentication: { type: "authentication_error", status: 401, shouldRetry: false },
  billing: { type: "billing_error", status: 402, shouldRetry: false },
  // Claude Code shows the message as it is, with the headers of `limit-spending.ts`.
  "spend-cap": { type: "billing_error", status: 429, shouldRetry: false },
  permission: { type: "permission_error", status: 403, shouldRetry: false },
  "not-found": { type: "not_found_error", status: 404, shouldRetry: false },
  "method-not-allowed": { type: "invalid_request_error", status: 405, shouldRetry: false },
  "request-too-slow": { type: "timeout_error", status: 408, shouldRetry: true },
  conflict: { type: "conflict_error", status: 409, shouldRetry: true },
  "request-too-large": { type: "request_too_large", status: 413, shouldRetry: false },
  "unsupported-media-type": { type: "invalid_request_error", status: 415, shouldRetry: false },
  "rate-limit": { type: "rate_limit_error", status: 429, shouldRetry: true },
  internal: { type: "api_error", status: 500, shouldRetry: true },
  upstream: { type: "api_error", status: 500, shouldRetry: true },
  unreachable: { type: "api_error", status: 502, shouldRetry: true },
  timeout: { type: "timeout_error", status: 504, shouldRetry: true },
  overloaded: { type: "overloaded_error", status: 529, shouldRetry: true },
} as const satisfies Record<ErrorKind, ErrorForm>;

/** The HTTP status that a client sees. */
export function statusOf(error: ProxyError): number {
  return statusOfKind(error.kind);
}

/** The HTTP status of all errors of a kind. */
export function statusOfKind(kind: ErrorKind): number {
  return forms[kind].status;
}

/** The type of error that a client sees. */
export function typeOf(error: ProxyError): ErrorType {
  return forms[error.kind].type;
}

/** The body of a failed answer, and the data of a stream's `error` event. */
export function writeErrorBody(error: ProxyError, requestId: string): ErrorEnvelope {
  const details = error.details ?? (error.code === undefined ? undefined : { error_code: error.code });
  return {
    type: "error",
    error: {
      type: forms[error.kind].type,
      message: error.message,
      ...(details && { details }),
    },
    // Clients show this one, and whoever runs the backend knows it. The header has ours.
    request_id: error.backendRequestId ?? requestId,
  };
}

/**
 * The whole HTTP response. `x-should-retry` is always set, because without it Claude Code repeats a 401 ten times and
 * a 404 once. `retry-after` is in whole seconds, the only form that clients read.
 */
export function writeErrorResponse(error: ProxyError, requestId: string): Response {
  const headers = new Headers(error.headers);
  headers.set("request-id", requestId);
  // The rest of the body may still come, and must not be taken for the next request.
  if (error.kind === "request-too-large" || error.kind === "request-too-slow")
    headers.set("connection", "close");
  headers.set("x-should-retry", String(forms[error.kind].shouldRetry && !error.isLasting));
  if (error.retryAfter !== undefined && Number.isFinite(error.retryAfter)) {
    headers.set("retry-after", String(Math.max(1, Math.ceil(error.retryAfter))));
  }
  return Response.json(writeErrorBody(error, requestId), { status: statusOf(error), headers });
}
