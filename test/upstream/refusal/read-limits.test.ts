import { describe, expect, test } from "bun:test";
import { readRateLimits, readRetryAfter } from "../../../src/upstream/refusal/read-limits.ts";

const now = new Date("2026-10-21T12:00:00Z");

describe("retry-after in whole seconds", () => {
  const rows: [headers: Record<string, string>, seconds: number | undefined][] = [
    [{}, undefined],
    [{ "retry-after": "7" }, 7],
    [{ "retry-after": "0.4" }, 1],
    [{ "retry-after": "Wed, 21 Oct 2026 12:00:30 GMT" }, 30],
    [{ "retry-after": "Wed, 21 Oct 2026 11:00:00 GMT" }, 0],
    [{ "retry-after": "soon" }, undefined],
    [{ "retry-after-ms": "1500" }, 2],
    [{ "retry-after-ms": "1500", "retry-after": "9" }, 2],
    [{ "retry-after-ms": "soon", "retry-after": "9" }, 9],
  ];
  for (const [headers, seconds] of rows) {
    test(JSON.stringify(headers), () => expect(readRetryAfter(new Headers(headers), now)).toBe(seconds));
  }
});

describe("x-ratelimit-* becomes anthropic-ratelimit-*", () => {
  const reset = (value: string) =>
    readRateLimits(new Headers({ "x-ratelimit-reset-requests": value }), now)[
      "anthropic-ratelimit-requests-reset"
    ];
  const rows: [value: string, time: string | undefined][] = [
    ["1s", "2026-10-21T12:00:01Z"],
    ["6m0s", "2026-10-21T12:06:00Z"],
    ["120ms", "2026-10-21T12:00:00Z"],
    ["1h2m3.5s", "2026-10-21T13:02:03Z"],
    ["45", "2026-10-21T12:00:45Z"],
    ["1792584060", "2026-10-21T12:01:00Z"],
    ["1792584060000", "2026-10-21T12:01:00Z"],
    ["2026-10-21T12:01:00Z", "2026-10-21T12:01:00Z"],
    ["never", undefined],
    ["99999999999999999999", undefined],
  ];
  for (const [value, time] of rows) test(`reset ${value}`, () => expect(reset(value)).toBe(time));

  test("requests and tokens, which count as input tokens too", () => {
    const headers = new Headers({
      "x-ratelimit-limit-requests": "500",
      "x-ratelimit-remaining-requests": "499",
      "x-ratelimit-limit-tokens": "30000",
      "x-ratelimit-remaining-tokens": "29000",
      "x-ratelimit-reset-tokens": "2s",
    });
    expect(readRateLimits(headers, now)).toEqual({
      "anthropic-ratelimit-requests-limit": "500",
      "anthropic-ratelimit-requests-remaining": "499",
      "anthropic-ratelimit-tokens-limit": "30000",
      "anthropic-ratelimit-tokens-remaining": "29000",
      "anthropic-ratelimit-tokens-reset": "2026-10-21T12:00:02Z",
      "anthropic-ratelimit-input-tokens-limit": "30000",
      "anthropic-ratelimit-input-tokens-remaining": "29000",
      "anthropic-ratelimit-input-tokens-reset": "2026-10-21T12:00:02Z",
    });
  });

  test("the short form counts requests, and the specific one takes precedence", () => {
    const bare = { "x-ratelimit-limit": "20", "x-ratelimit-remaining": "0" };
    expect(readRateLimits(new Headers(bare), now)["anthropic-ratelimit-requests-limit"]).toBe("20");
    const both = new Headers({ ...bare, "x-ratelimit-limit-requests": "50" });
    expect(readRateLimits(both, now)["anthropic-ratelimit-requests-limit"]).toBe("50");
  });
});
