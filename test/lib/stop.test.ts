import { expect, test } from "bun:test";
import { Stop } from "../../src/lib/stop.ts";

test("whoever listens is told once, in order, and can read the reason", () => {
  const stop = new Stop();
  const told: string[] = [];
  const first = () => told.push(`first ${stop.aborted} ${String(stop.reason)}`);
  const gone = () => told.push("gone");
  for (const listener of [first, gone, () => told.push("last")])
    stop.signal.addEventListener("abort", listener, { once: true });
  stop.signal.removeEventListener("abort", gone);
  stop.signal.removeEventListener("abort", gone);
  expect(stop.aborted).toBe(false);
  stop.abort("why");
  stop.abort("again");
  expect(told).toEqual(["first true why", "last"]);
  expect(stop.signal.reason).toBe("why");
});

test("whoever stops listening while others are told is not told", () => {
  const stop = new Stop();
  const told: string[] = [];
  const second = () => told.push("second");
  stop.signal.addEventListener("abort", () => stop.signal.removeEventListener("abort", second), {
    once: true,
  });
  stop.signal.addEventListener("abort", second, { once: true });
  stop.abort();
  expect(told).toEqual([]);
});
