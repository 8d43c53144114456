/** Backends and clients that fall silent. These tests only wait, so they wait at the same time. */
import { describe, expect, test } from "bun:test";
import { startBlackHole } from "../support/black-hole.ts";
import {
  contentChunk,
  createGate,
  encodeChunk,
  hang,
  raw,
  type Script,
  text,
  type UpstreamRequest,
} from "../support/fake-upstream.ts";
import { checkStream } from "../support/grammar.ts";
import { isBuilt } from "../support/program.ts";
import { ask, readError, startProxy } from "../support/proxy.ts";

const finish = encodeChunk({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] });
const megabyte = encodeChunk(contentChunk("x".repeat(1 << 20)));

/** Long enough for what is not silent on a busy machine, seconds. */
const requestTimeout = 2.5;

const start = (script: Script) => startProxy(script, { config: { backend: { requestTimeout } } });

async function eventsOf(script: Script) {
  const proxy = await start(script);
  const response = await proxy.post(ask({ stream: true }));
  const events = checkStream(await response.text(), { allowTruncated: true });
  await proxy.close();
  return { status: response.status, events };
}

describe.concurrent("a backend that is silent", () => {
  test("before the headers is a 504", async () => {
    const proxy = await start(hang("before-headers"));
    const response = await proxy.post(ask());
    expect(response.status).toBe(504);
    const { error } = await readError(response);
    expect(error).toMatchObject({ type: "timeout_error", message: expect.stringContaining("silent") });
    await proxy.close();
  });

  test("after the first content ends the stream with an error", async () => {
    const { status, events } = await eventsOf(hang("after-first-chunk"));
    expect(status).toBe(200);
    expect(events.at(-1)).toMatchObject({ type: "error", error: { type: "timeout_error" } });
  });

  test("after a finish reason has ended its message", async () => {
    const gate = createGate();
    const { events } = await eventsOf(raw([encodeChunk(contentChunk("Hi")), finish, gate]));
    expect(events.at(-1)?.type).toBe("message_stop");
    gate.open();
  });

  test("for less than the limit each time may take longer than that in all", async () => {
    const pieces = Array.from({ length: 12 }, (_, i) => encodeChunk(contentChunk(`${i} `)));
    const { events } = await eventsOf(raw([...pieces, finish], { delayMs: 250 }));
    expect(events.at(-1)?.type).toBe("message_stop");
  });

  test.skipIf(isBuilt || process.platform !== "linux")(
    "because it drops connections is given up early",
    async () => {
      using hole = await startBlackHole();
      const proxy = await startProxy(text("unused"), { config: { backend: { baseUrl: hole.url } } });
      const response = await proxy.post(ask({ stream: true }));
      const { error } = await readError(response);
      expect(error.message).toContain(`${hole.host}:${hole.port}: nothing answers there`);
      expect(response.headers.get("x-should-retry")).toBe("false");
      await proxy.close();
    },
  );
});

describe.concurrent("a client", () => {
  test("that takes nothing for REQUEST_TIMEOUT is cut, and the backend's work is ended", async () => {
    const asked = Promise.withResolvers<UpstreamRequest>();
    const proxy = await start((request) => {
      asked.resolve(request);
      return raw([...Array.from({ length: 40 }, () => megabyte), finish]);
    });
    const leave = new AbortController();
    const response = await proxy.post(ask({ stream: true }), {}, leave.signal);
    const reader = response.body?.getReader();
    await reader?.read();
    expect((await (await asked.promise).ended).kind).toBe("aborted");
    expect(await proxy.heard("message client left")).toHaveLength(1);
    leave.abort();
    await reader?.cancel().catch(() => {});
    await proxy.close();
  });

  test("that stops reading slows the backend instead of filling memory", async () => {
    const asked = Promise.withResolvers<UpstreamRequest>();
    const whole = raw(Array.from({ length: 200 }, () => megabyte));
    let sent = 0;
    const count = async () => {
      sent += 1;
    };
    const proxy = await startProxy((request) => {
      asked.resolve(request);
      return { ...whole, steps: whole.steps.flatMap((step) => [step, { do: "wait", until: count }]) };
    });
    const leave = new AbortController();
    const response = await proxy.post(ask({ stream: true }), {}, leave.signal);
    // Kept referenced until the end: otherwise the reader is garbage-collected, and its connection closed.
    const reader = response.body?.getReader();
    await reader?.read();
    for (let before = -1; before !== sent; await Bun.sleep(200)) before = sent;
    expect(sent).toBeLessThan(100);
    const request = await asked.promise;
    expect(request.outcome()).toBeUndefined();
    leave.abort();
    await reader?.cancel().catch(() => {});
    expect((await request.ended).kind).toBe("aborted");
    await proxy.close();
  });
});
