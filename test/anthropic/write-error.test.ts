import { describe, expect, test } from "bun:test";
import { statusOf, writeErrorBody, writeErrorResponse } from "../../src/anthropic/write-error.ts";
import { type ErrorKind, ProxyError } from "../../src/errors.ts";

describe("kind → status, type, x-should-retry", () => {
  const rows: [ErrorKind, number, string, boolean][] = [
    ["invalid-request", 400, "invalid_request_error", false],
    ["prompt-too-long", 400, "invalid_request_error", false],
    ["authentication", 401, "authentication_error", false],
    ["billing", 402, "billing_error", false],
    ["permission", 403, "permission_error", false],
    ["not-found", 404, "not_found_error", false],
    ["method-not-allowed", 405, "invalid_request_error", false],
    ["conflict", 409, "conflict_error", true],
    ["request-too-large", 413, "request_too_large", false],
    ["rate-limit", 429, "rate_limit_error", true],
    ["internal", 500, "api_error", true],
    ["upstream", 500, "api_error", true],
    ["unreachable", 502, "api_error", true],
    ["timeout", 504, "timeout_error", true],
    ["overloaded", 529, "overloaded_error", true],
  ];
  for (const [kind, status, type, shouldRetry] of rows) {
    test(kind, async () => {
      const error = new ProxyError(kind, "Words");
      const response = writeErrorResponse(error, "req_1");
      expect(response.status).toBe(status);
      expect(statusOf(error)).toBe(status);
      expect(response.headers.get("content-type")).toContain("application/json");
      expect(response.headers.get("request-id")).toBe("req_1");
      expect(response.headers.get("x-should-retry")).toBe(String(shouldRetry));
      expect(response.headers.has("retry-after")).toBe(false);
      expect(await response.json()).toEqual({
        type: "error",
        error: { type, message: "Words" },
        request_id: "req_1",
      });
    });
  }
});

describe("retry-after is a whole number of seconds, at least 1", () => {
  const rows: [number, string | null][] = [
    [0, "1"],
    [0.2, "1"],
    [2.1, "3"],
    [30, "30"],
    [Number.NaN, null],
    [Number.POSITIVE_INFINITY, null],
  ];
  for (const [retryAfter, header] of rows) {
    test(String(retryAfter), () => {
      const response = writeErrorResponse(new ProxyError("rate-limit", "Wait", { retryAfter }), "req_1");
      expect(response.headers.get("retry-after")).toBe(header);
    });
  }
});

test("facts about the backend become headers, and a code becomes details", () => {
  const error = new ProxyError("invalid-request", "No threads", {
    code: "thread_unsupported_request",
    headers: { "anthropic-ratelimit-requests-remaining": "0" },
  });
  expect(writeErrorBody(error, "req_1").error.details).toEqual({ error_code: "thread_unsupported_request" });
  expect(writeErrorResponse(error, "req_1").headers.get("anthropic-ratelimit-requests-remaining")).toBe("0");
});

test("clients are not asked to retry what lasts", () => {
  const error = new ProxyError("unreachable", "The connection was refused", { isLasting: true });
  expect(writeErrorResponse(error, "req_1").headers.get("x-should-retry")).toBe("false");
});
