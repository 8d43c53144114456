import { expect, test } from "bun:test";
import { startThread } from "../../src/lib/start-thread.ts";

// Without any free file: `find-shortage.test.ts`.
test("a thread runs the code at a URL", async () => {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const thread = startThread(new URL(`data:text/javascript,${encodeURIComponent("postMessage('works')")}`));
  thread.onmessage = ({ data }: MessageEvent<unknown>) => resolve(data);
  expect(await promise).toBe("works");
  thread.terminate();
});

test.skipIf(process.platform === "win32")("none is begun when connections could take its files", () => {
  const script = `
    import { closeSync, openSync } from "node:fs";
    import { startThread } from ${JSON.stringify(Bun.resolveSync("../../src/lib/start-thread.ts", import.meta.dir))};
    const taken = [];
    try { for (;;) taken.push(openSync("/dev/null", "r")); } catch {}
    for (const descriptor of taken.splice(-20)) closeSync(descriptor);
    try { startThread(new URL("data:text/javascript,")); } catch ({ code }) { console.log(code); }
    process.exit();`;
  const limited = ["sh", "-c", 'ulimit -n 100 && exec "$@"', "sh"];
  const { stdout } = Bun.spawnSync([...limited, process.execPath, "-e", script]);
  expect(stdout.toString()).toBe("EMFILE\n");
});
