/** A proxy that is told to stop while it answers. As a process with signals: `main.test.ts`. */
import { afterEach, describe, expect, test } from "bun:test";
import {
  contentChunk,
  createGate,
  encodeChunk,
  hang,
  raw,
  type Script,
  text,
} from "../support/fake-upstream.ts";
import { checkStream } from "../support/grammar.ts";
import { ask, readError, startProxy, type TestProxy } from "../support/proxy.ts";

let proxy: TestProxy;
afterEach(() => proxy.close());

const finish = { choices: [{ index: 0, delta: {}, finish_reason: "stop" }] };
const ending = `${encodeChunk(finish)}data: [DONE]\n\n`;
const get = (path: string) => fetch(proxy.url + path);

/** Tells the proxy to stop. Resolves once it does, with the promise that it has stopped. */
async function beginStop(): Promise<{ stopped: Promise<void> }> {
  const stopped = proxy.stop();
  // A program gets a signal, and two that arrive together may count as one.
  while ((await get("/ready")).status !== 503) await Bun.sleep(1);
  return { stopped };
}

/** A stream whose first words have arrived. */
async function beginStream(script: Script) {
  proxy = await startProxy(script);
  const response = await proxy.post(ask({ stream: true }));
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let seen = "";
  while (!seen.includes("text_delta")) seen += (await reader?.read())?.value ?? "";
  return {
    async rest(): Promise<string> {
      for (let part = await reader?.read(); part && !part.done; part = await reader?.read())
        seen += part.value;
      return seen;
    },
  };
}

describe("a proxy that stops", () => {
  test("is not ready, refuses new requests, closes their connections, and finishes what it began", async () => {
    const gate = createGate();
    const stream = await beginStream(raw([encodeChunk(contentChunk("Hi")), gate, ending]));
    expect((await get("/ready")).status).toBe(200);

    let hasStopped = false;
    const { stopped } = await beginStop();
    const noted = stopped.then(() => {
      hasStopped = true;
    });
    const ready = await get("/ready");
    expect(ready.status).toBe(503);
    expect(ready.headers.get("connection")).toBe("close");
    expect((await get("/health")).status).toBe(200);
    const refused = await proxy.post(ask());
    expect(refused.status).toBe(529);
    expect(refused.headers.get("connection")).toBe("close");
    expect(refused.headers.get("retry-after")).toBe("1");
    expect((await readError(refused)).error.message).toContain("the proxy is stopping");
    expect(hasStopped).toBe(false);

    gate.open();
    expect(checkStream(await stream.rest()).at(-1)?.type).toBe("message_stop");
    await noted;
    await expect(get("/health")).rejects.toThrow();
  });

  test("ends a stream that is cut with an error event", async () => {
    const stream = await beginStream(hang("after-first-chunk"));
    const { stopped } = await beginStop();
    proxy.cut();
    const last = checkStream(await stream.rest()).at(-1);
    expect(last).toMatchObject({ type: "error", error: { type: "overloaded_error" } });
    await stopped;
  });

  test.each([true, false])(
    "answers a request that is cut before its first content with a status",
    async (stream) => {
      const asked = Promise.withResolvers<void>();
      proxy = await startProxy(() => {
        asked.resolve();
        return hang("before-headers");
      });
      const response = proxy.post(ask({ stream }));
      await asked.promise;
      const { stopped } = await beginStop();
      proxy.cut();
      expect((await response).status).toBe(529);
      await stopped;
    },
  );

  test("has nothing to wait for when it is idle", async () => {
    proxy = await startProxy(text("Hello"));
    await (await proxy.post(ask())).text();
    await proxy.stop();
  });
});
