import { afterEach, describe, expect, test } from "bun:test";
import { ProxyError } from "../../../src/errors.ts";
import type { Answer } from "../../../src/upstream/transport/read-answer.ts";
import { createSender, type Sender, type SendRequest } from "../../../src/upstream/transport/send.ts";
import { startBlackHole } from "../../support/black-hole.ts";
import {
  createGate,
  cut,
  hang,
  held,
  raw,
  type Script,
  startFakeUpstream,
  text,
  upstreamKey,
} from "../../support/fake-upstream.ts";

let close = async () => {};
afterEach(() => close());

async function upstream(script: Script, changes: Partial<SendRequest> = {}): Promise<SendRequest> {
  const fake = await startFakeUpstream(script);
  close = fake.close;
  return {
    method: "POST",
    url: `${fake.url}/chat/completions`,
    headers: { authorization: `Bearer ${upstreamKey}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "m", stream: true, messages: [{ role: "user", content: "x" }] }),
    silenceMs: 5000,
    signal: new AbortController().signal,
    ...changes,
  };
}

/** What a promise was rejected with. */
async function refusal(promise: Promise<unknown>): Promise<ProxyError> {
  const thrown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (thrown instanceof ProxyError) return thrown;
  throw new Error(`Expect a ProxyError: saw ${String(thrown)}`);
}

/** A connection that is released is free a moment later. */
async function sendWhenFree(sender: Sender, request: SendRequest): Promise<Answer> {
  for (;;) {
    const answer = await sender.send(request).catch((error: unknown) => {
      if (!(error instanceof ProxyError && error.kind === "overloaded")) throw error;
    });
    if (answer) return answer;
    await Bun.sleep(1);
  }
}

describe("connections", () => {
  test("are limited, and one too many is refused", async () => {
    const sender = createSender(1);
    const request = await upstream(hang("after-headers"));
    await sender.send(request);
    expect(await refusal(sender.send(request))).toMatchObject({ kind: "overloaded", retryAfter: 1 });
  });

  const ends: [string, (leave: AbortController, answer: Answer) => unknown][] = [
    ["by the signal, while nobody reads", (leave) => leave.abort()],
    ["by a release in the middle of the body", (_, answer) => answer.release()],
    ["by reading to the end", async (_, answer) => await answer.text(1 << 20)],
    ["by a body over the limit", async (_, answer) => await answer.text(10)],
  ];
  for (const [name, end] of ends) {
    test(`become free ${name}`, async () => {
      const sender = createSender(1);
      const request = await upstream(text("Hello, how are you today?"));
      for (let i = 0; i < 3; i++) {
        const leave = new AbortController();
        const answer = await sendWhenFree(sender, { ...request, signal: leave.signal });
        await end(leave, answer);
      }
    });
  }

  test("become free when the headers never come or the connection breaks", async () => {
    const sender = createSender(1);
    const request = await upstream([hang("before-headers"), cut("before-headers"), cut("before-headers")], {
      silenceMs: 600,
    });
    expect((await refusal(sender.send(request))).kind).toBe("timeout");
    expect((await refusal(sender.send(request))).kind).toBe("unreachable");
    expect((await refusal(sender.send(request))).kind).toBe("unreachable");
  });
});

describe("silence", () => {
  test("is measured while we wait, not while we pause between two reads", async () => {
    const request = await upstream(raw(["data: 1\n\n", "data: 2\n\n"]), { silenceMs: 500 });
    const answer = await createSender(8).send(request);
    await Bun.sleep(1100);
    expect(await answer.text(100)).toContain("data: 2");
  });

  test("may be longer until the model has begun to answer", async () => {
    const gates = [createGate(), createGate()];
    const steps = ["data: 1\n\n", ...gates.flatMap((gate, at) => [gate, `data: ${at + 2}\n\n`])];
    const request = await upstream(raw(steps), { firstSilenceMs: 60_000, silenceMs: 100 });
    const answer = await createSender(8).send(request);
    await answer.read();
    const second = answer.read();
    await Bun.sleep(300);
    gates[0]?.open();
    expect(new TextDecoder().decode(await second)).toBe("data: 2\n\n");
    answer.begin();
    const error = await refusal(answer.read());
    expect(error.message).toMatch(/was silent for 0 s; set REQUEST_TIMEOUT/);
    gates[1]?.open();
  });

  test("after the last event ends the answer", async () => {
    const gate = createGate();
    const request = await upstream(raw(["data: 1\n\n", gate]));
    const answer = await createSender(8).send(request);
    answer.endAfterSilence(40);
    expect(await answer.text(100)).toBe("data: 1\n\n");
    gate.open();
  });

  test("ends nothing once that was taken back", async () => {
    const gate = createGate();
    const request = await upstream(raw(["data: 1\n\n", gate, "data: 2\n\n"]));
    const answer = await createSender(8).send(request);
    answer.endAfterSilence(40);
    answer.endAfterSilence(undefined);
    const whole = answer.text(100);
    await Bun.sleep(80);
    gate.open();
    expect(await whole).toBe("data: 1\n\ndata: 2\n\n");
  });
});

describe("a server that says nothing", () => {
  test("is waited for if it takes connections: it may be busy", async () => {
    const gate = createGate();
    const request = await upstream(held(gate, raw(["Hello"])));
    const sent = createSender(8, {}, { lookAfter: 1, connectWithin: 1000 }).send(request);
    await Bun.sleep(100);
    gate.open();
    expect((await sent).status).toBe(200);
  });

  test.skipIf(process.platform !== "linux")("is given up if it takes none", async () => {
    using hole = await startBlackHole();
    const request = await upstream(text("unused"), { url: `${hole.url}/chat/completions` });
    const error = await refusal(createSender(8, {}, { lookAfter: 1, connectWithin: 100 }).send(request));
    expect(error).toMatchObject({ kind: "unreachable", isLasting: true });
    expect(error.message).toContain(`127.0.0.1:${hole.port}: nothing answers there`);
  });
});

test("the URL, which may contain a key, is in no message", async () => {
  const request = await upstream(text("unused"), { url: "http://127.0.0.1:1/v1?api-key=secret" });
  const { message } = await refusal(createSender(8).send(request));
  expect(message).toContain("127.0.0.1:1");
  expect(message).not.toContain("secret");
});

test("a long body arrives as it is, whatever it is put together from", async () => {
  using server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: async (request) => new Response(await request.bytes()),
  });
  const request = await upstream(text("unused"), { url: server.url.href });
  const sender = createSender(8);
  for (const words of ["plain", "naïve", "“wide”", "🚀", "half of \ud83d"]) {
    let body = "";
    for (let i = 0; i < 2000; i += 1) body += `${i} plain ${words}`;
    for (const time of ["first", "second"]) {
      const sent = `${time} ${body}`;
      const answer = await sender.send({ ...request, body: sent });
      expect(await answer.text(1_000_000)).toBe(sent.toWellFormed());
    }
  }
});
