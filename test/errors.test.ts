import { expect, test } from "bun:test";
import { ProxyError, toProxyError } from "../src/errors.ts";

test("an error carries its details, and the headers are never missing", () => {
  const cause = new Error("reset");
  const error = new ProxyError("rate-limit", "Slow down", {
    retryAfter: 3,
    code: "x",
    refuses: { media: "image", extent: "all" },
    cause,
  });
  expect(error).toMatchObject({
    kind: "rate-limit",
    message: "Slow down",
    retryAfter: 3,
    headers: {},
    code: "x",
  });
  expect([error.name, error.cause]).toEqual(["ProxyError", cause]);
  expect("cause" in new ProxyError("internal", "x")).toBe(false);
});

test("a foreign error becomes an internal one, which does not show its message", () => {
  const known = new ProxyError("billing", "Pay first");
  expect(toProxyError(known)).toBe(known);
  for (const thrown of [new Error("secret"), "secret", undefined]) {
    const error = toProxyError(thrown);
    expect([error.kind, error.cause]).toEqual(["internal", thrown]);
    expect(error.message).not.toContain("secret");
  }
});
