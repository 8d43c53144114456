import { expect, test } from "bun:test";
import { startThread } from "../../src/lib/start-thread.ts";

// Without free files: `find-shortage.test.ts`.
test("a thread runs the code at a URL", async () => {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const thread = startThread(new URL(`data:text/javascript,${encodeURIComponent("postMessage('works')")}`));
  thread.onmessage = ({ data }: MessageEvent<unknown>) => resolve(data);
  expect(await promise).toBe("works");
  thread.terminate();
});
