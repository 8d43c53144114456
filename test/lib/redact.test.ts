import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { redact } from "../../src/lib/redact.ts";

describe("removes", () => {
  const rows: [text: string, clean: string][] = [
    [
      "Incorrect API key provided: sk-proj-Abc123_xyz. See the docs",
      "Incorrect API key provided: sk-***. See the docs",
    ],
    ["key sk-or-v1-0123456789abcdef!", "key sk-***!"],
    ["half masked sk-abc***********wxyz", "half masked sk-***"],
    ["gsk_abcdefghij and xai-abcdefghij", "gsk_*** and xai-***"],
    ["Authorization: Bearer abc.def-ghi== was refused", "Authorization: Bearer *** was refused"],
    ["GET https://host/v1?key=AIzaSyA1234567890&alt=sse", "GET https://host/v1?key=***&alt=sse"],
    ["API key AIzaSyA1234567890abc not valid", "API key AIza*** not valid"],
    ['{"api-key":"0123456789abcdef"}', '{"api-key":"***"}'],
    ["x-api-key: 0123456789abcdef", "x-api-key: ***"],
    [String.raw`{"a":"curl -H \"x-api-key: abcdef12\""}`, String.raw`{"a":"curl -H \"x-api-key: ***\""}`],
    ["token eyJhbGciOiJI.eyJzdWIiOiIx.c2lnbmF0 expired", "token *** expired"],
  ];
  for (const [text, clean] of rows) test(text, () => expect(redact(text)).toBe(clean));

  test("a known secret in any form, anywhere", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 8 }), fc.string(), fc.string(), (key, before, after) => {
        fc.pre(!"***".includes(key) && !key.includes("*"));
        expect(redact(`${before}${key}${after}`, [key])).not.toContain(key);
      }),
    );
  });
});

describe("removes a known secret of several words", () => {
  const secret = 'Token one "two" threefour';
  test.each([
    secret,
    "one token, threefour",
    'Token  one\n"two" threefour',
    JSON.stringify({ header: secret }),
    `https://host/?q=${encodeURIComponent(secret)}`,
  ])("%j", (text) => {
    const clean = redact(text, [secret]);
    expect(clean).toContain("***");
    expect(clean).not.toContain("threefour");
  });
});

describe("keeps", () => {
  const rows = [
    "The model `gpt-5.4-mini` does not exist",
    "api_key: Field required",
    "risk-assessment-tool and task-12345678 are fine",
    "request (70010 tokens) exceeds the available context size (32768 tokens)",
    "Bearer token missing",
  ];
  for (const text of rows) test(text, () => expect(redact(text, ["ollama"])).toBe(text));
});
