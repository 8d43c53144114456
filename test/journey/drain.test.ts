import { expect, test } from "bun:test";
import { ProxyError } from "../../src/errors.ts";
import { createDrain } from "../../src/journey/drain.ts";

/** Whether a promise has been resolved by now. */
const isDone = (promise: Promise<unknown>) =>
  Promise.race([promise.then(() => true), Promise.resolve(false)]);

test("nothing in progress means that the stop is at once", async () => {
  const drain = createDrain(2);
  const { hold } = drain.begin();
  hold()();
  await drain.stop();
});

test("a stop waits for every hold on every request", async () => {
  const drain = createDrain(2);
  const [one, other] = [drain.begin(), drain.begin()];
  const releases = [one.hold(), one.hold(), other.hold()];
  const stopped = drain.stop();
  expect(drain.size).toBe(2);
  for (const release of releases) {
    expect(await isDone(stopped)).toBe(false);
    release();
  }
  await stopped;
  expect(drain.size).toBe(0);
});

test("a request beyond the limit is refused at once, until another has ended", () => {
  const drain = createDrain(2);
  const release = drain.begin().hold();
  drain.begin().hold();
  expect(() => drain.begin()).toThrow("Cannot take the request: 2 are in progress");
  release();
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

test("a cut aborts what is in progress, with an error that clients can read", () => {
  const drain = createDrain(2);
  const ended = drain.begin();
  ended.hold()();
  const { cut, hold } = drain.begin();
  hold();
  drain.cut();
  expect([ended.cut.aborted, cut.aborted]).toEqual([false, true]);
  expect(cut.reason).toMatchObject({ kind: "overloaded", retryAfter: 1 });
});
