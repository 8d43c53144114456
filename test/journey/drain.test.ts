import { expect, test } from "bun:test";
import { ProxyError } from "../../src/errors.ts";
import { createDrain } from "../../src/journey/drain.ts";

/** Whether a promise has been resolved by now. */
const isDone = (promise: Promise<unknown>) =>
  Promise.race([promise.then(() => true), Promise.resolve(false)]);

test("nothing in progress means that the stop is at once", async () => {
  const drain = createDrain(2);
  const request = drain.begin();
  request.hold();
  request.release();
  await drain.stop();
});

test("a stop waits for every hold on every request", async () => {
  const drain = createDrain(2);
  const [one, other] = [drain.begin(), drain.begin()];
  const held = [one, one, other];
  for (const request of held) request.hold();
  const stopped = drain.stop();
  expect(drain.size).toBe(2);
  for (const request of held) {
    expect(await isDone(stopped)).toBe(false);
    request.release();
  }
  await stopped;
  expect(drain.size).toBe(0);
});

test("a request beyond the limit is refused at once, until another has ended", () => {
  const drain = createDrain(2);
  const request = drain.begin();
  request.hold();
  drain.begin().hold();
  expect(() => drain.begin()).toThrow("Cannot take the request: 2 are in progress");
  request.release();
  expect(() => drain.begin()).not.toThrow();
});

test("new requests are refused while the proxy stops", () => {
  const drain = createDrain(2);
  drain.begin().hold();
  expect(drain.isStopping).toBe(false);
  void drain.stop();
  expect(drain.isStopping).toBe(true);
  expect(() => drain.begin()).toThrow(ProxyError);
  expect(() => drain.begin()).toThrow("the proxy is stopping");
});

test("a cut ends what is in progress, with an error that clients can read", async () => {
  const drain = createDrain(2);
  const ended = drain.begin();
  ended.hold();
  ended.release();
  const request = drain.begin();
  request.hold();
  const { promise: never } = Promise.withResolvers<never>();
  const answer = request.orCut(never);
  drain.cut();
  expect([ended.call.signal.aborted, request.call.signal.aborted]).toEqual([false, true]);
  expect(request.call.signal.reason).toMatchObject({ kind: "overloaded", retryAfter: 1 });
  await expect(answer).rejects.toBe(request.call.signal.reason);
});

test("what is not cut comes to what it is", async () => {
  const request = createDrain(1).begin();
  expect(request.orCut("at once")).toBe("at once");
  expect(await request.orCut(Promise.resolve("later"))).toBe("later");
  await expect(request.orCut(Promise.reject(new Error("no")))).rejects.toThrow("no");
});
