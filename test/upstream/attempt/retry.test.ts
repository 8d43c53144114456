import { describe, expect, test } from "bun:test";
import { type ErrorKind, ProxyError, toProxyError } from "../../../src/errors.ts";
import type { ReplyEvent } from "../../../src/reply.ts";
import { createRetry, retryDelay } from "../../../src/upstream/attempt/retry.ts";

const pace = { firstRetryDelay: 500, maxRetryDelay: 8000 };
const broken = (code: string) =>
  new ProxyError("unreachable", "Cannot reach the backend", {
    cause: Object.assign(new Error("x"), { code }),
  });
const delays = (error: ProxyError, chance = 0.5) =>
  [0, 1, 2].map((repeats) => retryDelay(error, repeats, pace, chance));

describe("how long to wait", () => {
  test("twice, longer the second time, with jitter", () => {
    const error = new ProxyError("overloaded", "x");
    expect(delays(error)).toEqual([500, 1000, undefined]);
    expect(delays(error, 0)).toEqual([375, 750, undefined]);
    expect(delays(error, 1)).toEqual([625, 1250, undefined]);
  });

  test("as long as the backend asks, unless that is too long", () => {
    expect(delays(new ProxyError("rate-limit", "x", { retryAfter: 8 }))).toEqual([8000, 8000, undefined]);
    expect(delays(new ProxyError("rate-limit", "x", { retryAfter: 0 }))).toEqual([0, 0, undefined]);
    expect(delays(new ProxyError("rate-limit", "x", { retryAfter: 9 }))[0]).toBeUndefined();
  });

  test("the proxy's own refusal goes to the client at once", () => {
    const error = new ProxyError("overloaded", "x", { retryAfter: 1, isOurs: true });
    expect(delays(error)).toEqual([undefined, undefined, undefined]);
  });

  test("a shortage of connections, which is the proxy's own, is waited for", () => {
    expect(delays(toProxyError(broken("EMFILE").cause))).toEqual([500, 1000, undefined]);
  });

  test("a server that is down is tried once more, an unknown address never", () => {
    expect(delays(broken("ECONNRESET"))).toEqual([500, 1000, undefined]);
    expect(delays(broken("ConnectionRefused"))).toEqual([500, undefined, undefined]);
    expect(delays(broken("ENOTFOUND"))[0]).toBeUndefined();
    expect(delays(broken("CERT_HAS_EXPIRED"))[0]).toBeUndefined();
  });

  const lasting: ErrorKind[] = [
    "invalid-request",
    "prompt-too-long",
    "authentication",
    "billing",
    "permission",
    "not-found",
    "request-too-large",
    "timeout",
    "internal",
  ];
  for (const kind of lasting) {
    test(`${kind} is permanent`, () => {
      expect(delays(new ProxyError(kind, "x"))[0]).toBeUndefined();
    });
  }
});

describe("whether to try again", () => {
  const finish: ReplyEvent = { type: "finish", reason: "stop" };
  const failure: ReplyEvent = { type: "failure", error: new ProxyError("overloaded", "x") };
  const none = () => undefined;
  const start = (options: { signal?: AbortSignal; maxTokens?: number; firstRetryDelay?: number } = {}) =>
    createRetry(
      { ...pace, firstRetryDelay: options.firstRetryDelay ?? 0 },
      options.signal ?? new AbortController().signal,
      options.maxTokens ?? 100,
    );

  test("an empty answer is asked for once more", async () => {
    const tries = start();
    expect(await tries.shouldTryAgain(finish, none)).toBe(true);
    expect(await tries.shouldTryAgain(finish, none)).toBe(false);
  });

  test("an empty answer with a reason is final", async () => {
    expect(await start().shouldTryAgain({ type: "finish", reason: "refusal" }, none)).toBe(false);
    expect(await start({ maxTokens: 1 }).shouldTryAgain(finish, none)).toBe(false);
  });

  test("a request is corrected at most twelve times", async () => {
    const tries = start();
    const refused: ReplyEvent = { type: "failure", error: new ProxyError("invalid-request", "x") };
    const drop = () => ({ change: "drop", path: "stop" }) as const;
    for (let i = 0; i < 12; i += 1) expect(await tries.shouldTryAgain(refused, drop)).toBe(true);
    expect(await tries.shouldTryAgain(refused, drop)).toBe(false);
    expect(tries.corrections).toHaveLength(12);
  });

  test("waiting ends when the client leaves", async () => {
    const leave = new AbortController();
    const tries = start({ signal: leave.signal, firstRetryDelay: 60_000 });
    const waiting = tries.shouldTryAgain(failure, none);
    leave.abort();
    expect(await waiting).toBe(false);
    expect(await tries.shouldTryAgain(failure, none)).toBe(false);
  });
});

test("a mistake of the model is worth one more try, without a wait and before anything is corrected", async () => {
  const retry = createRetry({ firstRetryDelay: 60_000, maxRetryDelay: 0 }, new AbortController().signal, 100);
  const failure: ReplyEvent = {
    type: "failure",
    error: new ProxyError("invalid-request", "Failed to call a function", { isModelMistake: true }),
  };
  let asked = 0;
  const findCorrection = () => {
    asked += 1;
    return undefined;
  };
  expect(await retry.shouldTryAgain(failure, findCorrection)).toBe(true);
  expect(asked).toBe(0);
  expect(await retry.shouldTryAgain(failure, findCorrection)).toBe(false);
  expect(asked).toBe(1);
});
