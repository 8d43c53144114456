import { expect, test } from "bun:test";
import { callAfter } from "../../src/lib/call-after.ts";

/** Resolves with the names in the order of their calls, when `count` have been called. */
function collect(count: number) {
  const { promise, resolve } = Promise.withResolvers<readonly string[]>();
  const called: string[] = [];
  const call = (name: string) => () => {
    called.push(name);
    if (called.length === count) resolve(called);
  };
  return { promise, call };
}

test("calls come in the order in which they are due, each once", async () => {
  const { promise, call } = collect(4);
  callAfter(40, call("late"));
  callAfter(2, call("first"));
  callAfter(20, call("third"));
  callAfter(2, call("second"));
  expect(await promise).toEqual(["first", "second", "third", "late"]);
});

test("none comes before its time, whoever waits before it", async () => {
  const { promise, call } = collect(2);
  const cancelled = callAfter(40, call("cancelled"));
  await Bun.sleep(20);
  callAfter(40, call("later"));
  setTimeout(call("clock"), 30);
  cancelled.cancel();
  cancelled.cancel();
  expect(await promise).toEqual(["clock", "later"]);
});

test("a call may bring others in, and take others back", async () => {
  const { promise, call } = collect(2);
  const last = callAfter(5, call("cancelled"));
  callAfter(1, () => {
    call("one")();
    last.cancel();
    callAfter(1, call("two"));
    callAfter(5, () => {});
  });
  expect(await promise).toEqual(["one", "two"]);
});

test("what waits keeps the process alive, what was taken back does not", async () => {
  const script = `
    import { callAfter } from "./src/lib/call-after.ts";
    callAfter(60_000, () => {}).cancel();
    const late = callAfter(50_000, () => {});
    callAfter(20, () => {
      callAfter(20, () => {}).cancel();
      callAfter(20, () => { late.cancel(); console.log("called"); });
    });`;
  const child = Bun.spawn([process.execPath, "-e", script], { stdout: "pipe", stderr: "inherit" });
  expect(await new Response(child.stdout).text()).toBe("called\n");
  expect(await child.exited).toBe(0);
});
