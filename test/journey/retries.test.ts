/** What the proxy tries again before a client would notice: temporary failures, empty answers. */
import { afterEach, describe, expect, test } from "bun:test";
import {
  chunks,
  contentChunk,
  createGate,
  encodeChunk,
  finishChunk,
  raw,
  status,
  text,
  usageChunk,
} from "../support/fake-upstream.ts";
import { checkStream } from "../support/grammar.ts";
import { isBuilt } from "../support/program.ts";
import { ask, readError, startProxy, type TestProxy } from "../support/proxy.ts";

let proxy: TestProxy;
afterEach(() => proxy.close());

const chats = () => proxy.upstream.requests.filter(({ method }) => method === "POST");
const say = (changes: Record<string, unknown> = {}) => proxy.say(changes);

describe("temporary failures", () => {
  test("are retried twice, then reported", async () => {
    proxy = await startProxy(status(503, { error: { message: "Engine overloaded" } }));
    const response = await proxy.post(ask({ stream: true }));
    expect(response.status).toBe(529);
    expect((await readError(response)).error.message).toContain("Engine overloaded");
    expect(chats()).toHaveLength(3);
  });

  test("are reported at once when the backend asks for a longer wait than ours", async () => {
    proxy = await startProxy(status(429, undefined, { "retry-after": "9" }), {
      pace: { maxRetryDelay: 8000 },
    });
    const response = await proxy.post(ask());
    expect([response.status, response.headers.get("retry-after")]).toEqual([429, "9"]);
    expect(chats()).toHaveLength(1);
  });

  test("do not include permanent ones", async () => {
    const quota = { error: { message: "You exceeded your current quota", code: "insufficient_quota" } };
    const lasting = [status(400), status(401), status(404), status(429, quota)];
    proxy = await startProxy(lasting);
    for (const _ of lasting) await proxy.post(ask());
    expect(chats()).toHaveLength(lasting.length);
  });

  test("are not retried after the first content", async () => {
    const gate = createGate();
    const begun = raw([encodeChunk(contentChunk("Hel")), gate]);
    proxy = await startProxy({ ...begun, steps: [...begun.steps, { do: "cut" }] });
    const response = await proxy.post(ask({ stream: true }));
    gate.open();
    expect(checkStream(await response.text(), { allowTruncated: true }).at(-1)?.type).toBe("error");
    expect(chats()).toHaveLength(1);
  });

  test("leave nothing behind: usage of a failed attempt is not reported", async () => {
    const failed = raw(
      encodeChunk(usageChunk(77)) + encodeChunk({ error: { code: 503, message: "Overloaded" } }),
    );
    proxy = await startProxy([failed, chunks([contentChunk("Hello"), finishChunk("stop")])]);
    const response = await proxy.post(ask());
    expect(await response.json()).not.toMatchObject({ usage: { output_tokens: 77 } });
  });

  test("end the wait when the client leaves", async () => {
    proxy = await startProxy(status(503), { pace: { firstRetryDelay: 60_000 } });
    const leave = new AbortController();
    const response = proxy.post(ask(), {}, leave.signal);
    await proxy.upstream.received(2);
    leave.abort();
    await response.catch(() => {});
    await proxy.heard("message client left");
    expect(chats()).toHaveLength(1);
  });
});

describe("an empty answer", () => {
  const empty = chunks([finishChunk("stop"), usageChunk(0)]);
  const blank = chunks([contentChunk("\n"), contentChunk("\n "), finishChunk("stop"), usageChunk(2)]);

  for (const [name, reply] of [
    ["nothing", empty],
    ["white space", blank],
  ] as const) {
    test(`is asked for once more: ${name}`, async () => {
      for (const stream of [false, true]) {
        proxy = await startProxy([reply, text("Hello")]);
        expect(await say({ stream })).toBe("Hello");
        if (!stream) await proxy.close();
      }
    });
  }

  test("does not include an answer that starts with white space", async () => {
    proxy = await startProxy(chunks([contentChunk("  "), contentChunk("Hello"), finishChunk("stop")]));
    expect(await say()).toBe("  Hello");
    expect(chats()).toHaveLength(1);
  });

  test("is accepted the second time", async () => {
    proxy = await startProxy(empty);
    expect(await say()).toBe("");
    expect(chats()).toHaveLength(2);
  });

  test("is accepted at once where it was cut off, refused, or limited to one token", async () => {
    for (const [reply, changes] of [
      [chunks([finishChunk("length")]), {}],
      [chunks([finishChunk("content_filter")]), {}],
      [empty, { max_tokens: 1 }],
    ] as const) {
      proxy = await startProxy(reply);
      await say(changes);
      expect(chats()).toHaveLength(1);
      await proxy.close();
    }
    proxy = await startProxy(empty);
  });
});

test.skipIf(isBuilt)("a backend that reasons first is not asked twice", async () => {
  const gate = createGate();
  proxy = await startProxy(
    raw([
      encodeChunk(usageChunk(0)),
      gate,
      encodeChunk(contentChunk("Hi")),
      encodeChunk(finishChunk("stop")),
    ]),
    {
      pace: { headersAfter: 10 },
    },
  );
  const response = await proxy.post(ask({ stream: true }));
  gate.open();
  expect(checkStream(await response.text()).at(-1)?.type).toBe("message_stop");
  expect(chats()).toHaveLength(1);
});
