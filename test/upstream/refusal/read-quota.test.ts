import { expect, test } from "bun:test";
import { commonQuirks } from "../../../src/catalog/quirks.ts";
import { readFault } from "../../../src/upstream/refusal/read-fault.ts";
import { isQuota } from "../../../src/upstream/refusal/read-quota.ts";

const judge = (status: number, error: object) => isQuota(status, readFault({ error }, commonQuirks));
const gemini = (quotaId: string) => ({
  code: 429,
  message:
    "You exceeded your current quota, please check your plan and billing details. Please retry in 34.07s.",
  status: "RESOURCE_EXHAUSTED",
  details: [
    { "@type": "type.googleapis.com/google.rpc.QuotaFailure", violations: [{ quotaId }] },
    { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "34s" },
  ],
});

test.each([
  [429, "You've reached the maximum number of free requests for today"],
  [429, "Limit of 100 requests/day hit"],
  [403, "Token quota exhausted: used 200000 of 200000 tokens"],
  [403, "You have reached your plan's limit of 2000000 tokens"],
  [429, "You have used all of your available credits"],
  [429, "Your prepaid balance has run out. Please top up."],
  [429, "Account is in arrears; please recharge"],
  [429, "24h request limit reached for free users"],
  [
    429,
    "Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model requests per day",
  ],
  [429, "Rate limit exceeded: free-models-per-day-high-balance."],
  [429, "Too many tokens per day, please wait before trying again."],
  [
    429,
    "Rate limit reached for model `x` on tokens per day (TPD): Limit 100000, Used 99990, Requested 1500. Please try again in 21m27s.",
  ],
  [
    429,
    "you (x) have reached your session usage limit, upgrade for higher limits: https://ollama.com/upgrade",
  ],
  [429, "you (x) have reached your weekly usage limit, upgrade for higher limits"],
  [
    403,
    "You've reached your weekly (7-day) usage limit. Your quota will reset when the current 7-day window ends.",
  ],
  [429, "Usage limit reached for 5 hour. Your limit will reset at 2026-12-01 10:00:00"],
  [429, "Weekly/Monthly Limit Exhausted. Your limit will reset at 2026-12-01 10:00:00"],
  [
    403,
    "The free tier of the model has been exhausted. If you wish to continue access the model on a paid basis, please disable the use free tier only mode",
  ],
  [429, "Free usage exceeded, subscribe to Go"],
  [400, "Budget has been exceeded! Current cost: 10.2, Max budget: 10.0"],
  [429, "You have reached your specified monthly spending limit"],
  [402, "Insufficient account balance"],
  [429, "Daily free allocation used up: limit of 10,000 neurons"],
])("%i %s is a quota", (status, message) => expect(judge(status, { message })).toBe(true));

test.each([
  [
    429,
    "Rate limit reached for gpt-5 on tokens per min (TPM): Limit 30000, Used 29000, Requested 2000. Please try again in 2s.",
  ],
  [429, "Rate limit exceeded: free-models-per-min"],
  [
    429,
    "Rate limit reached for model `x` on tokens per day (TPD): Limit 100000, Used 99990, Requested 20. Please try again in 8.6s.",
  ],
  [429, "Too many requests, please wait before trying again."],
  [429, "Slow down"],
  [
    429,
    "Requests to the ChatCompletions_Create Operation have exceeded token rate limit of your current pricing tier. Please retry after 30 seconds.",
  ],
  [500, "The daily limit of this server"],
  [400, "This model's maximum context length is 8192 tokens"],
  [400, "Invalid session id"],
])("%i %s is none", (status, message) => expect(judge(status, { message })).toBe(false));

test("Gemini names the quota, whatever wait it asks for", () => {
  expect(judge(429, gemini("GenerateRequestsPerDayPerProjectPerModel-FreeTier"))).toBe(true);
  expect(judge(429, gemini("GenerateRequestsPerMinutePerProjectPerModel-FreeTier"))).toBe(false);
});
