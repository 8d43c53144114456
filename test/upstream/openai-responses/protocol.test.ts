import { expect, test } from "bun:test";
import { openaiResponses } from "../../../src/upstream/openai-responses/protocol.ts";
import { responsesPlan } from "../../support/responses-requests.ts";

test("a failed answer is an error of the same kind as by any protocol", () => {
  const body = JSON.stringify({ error: { message: "Slow down", code: "rate_limit_exceeded" } });
  const error = openaiResponses.readError(429, new Headers({ "retry-after": "3" }), body, responsesPlan({}));
  expect([error.kind, error.message, error.retryAfter]).toEqual(["rate-limit", "Slow down", 3]);
});

test("limits are read from the same headers", () => {
  expect(openaiResponses.readLimits(new Headers({ "x-ratelimit-limit-tokens": "9" }))).toMatchObject({
    "anthropic-ratelimit-tokens-limit": "9",
  });
});
