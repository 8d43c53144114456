import { expect, test } from "bun:test";
import { anthropicMessages } from "../../../src/upstream/anthropic-messages/protocol.ts";
import { nativePlan } from "../../support/native-plans.ts";

test("an error keeps its words, and the limits that come with it", () => {
  const headers = new Headers({ "retry-after": "9", "anthropic-ratelimit-tokens-remaining": "0" });
  const body = JSON.stringify({ type: "error", error: { type: "rate_limit_error", message: "Slow down" } });
  expect(anthropicMessages.readError(429, headers, body, nativePlan())).toMatchObject({
    kind: "rate-limit",
    message: "Slow down",
    retryAfter: 9,
    headers: { "anthropic-ratelimit-tokens-remaining": "0" },
  });
});
