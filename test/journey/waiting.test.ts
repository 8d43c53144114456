/** Clients that wait, leave or stop reading, and backends that think for a long time. */
import { afterEach, describe, expect, test } from "bun:test";
import {
  contentChunk,
  createGate,
  encodeChunk,
  hang,
  held,
  raw,
  text,
  type UpstreamRequest,
} from "../support/fake-upstream.ts";
import { checkStream } from "../support/grammar.ts";
import { isBuilt } from "../support/program.ts";
import { ask, startProxy, type TestProxy } from "../support/proxy.ts";

let proxy: TestProxy;
afterEach(() => proxy.close());

const finish = { choices: [{ index: 0, delta: {}, finish_reason: "stop" }] };
const ending = `${encodeChunk(finish)}data: [DONE]\n\n`;

describe("the request to the backend ends when the client leaves", () => {
  for (const point of ["before-headers", "after-headers", "after-first-chunk"] as const) {
    for (const stream of [true, false]) {
      test(`${stream ? "streaming" : "in one piece"}, backend silent ${point}`, async () => {
        const asked = Promise.withResolvers<UpstreamRequest>();
        proxy = await startProxy((request) => {
          asked.resolve(request);
          return hang(point);
        });
        const leave = new AbortController();
        const response = proxy.post(ask({ stream }), {}, leave.signal);
        const request = await asked.promise;
        if (stream && point === "after-first-chunk") await (await response).body?.getReader().read();
        leave.abort();
        await response.catch(() => {});
        expect((await request.ended).kind).toBe("aborted");
        // The process goes on.
        proxy.upstream.follow(text("Hello"));
        expect((await proxy.post(ask())).status).toBe(200);
      });
    }
  }
});

/** Like llama-server, which sends nothing at all, not even headers, while all its slots are busy. */
describe("a server whose only slot is busy", () => {
  /** Each answer is held until the one before has been opened by its gate. */
  async function startBusy(count: number, pace: { headersAfter: number; pingAfter: number }) {
    const gates = Array.from({ length: count }, createGate);
    let asked = 0;
    proxy = await startProxy(
      () => {
        const place = asked;
        asked += 1;
        const gate = gates[place] ?? createGate();
        return held(gate, raw([encodeChunk(contentChunk(`answer ${place + 1}`)), ending]));
      },
      { pace },
    );
    return gates;
  }

  test.skipIf(isBuilt)("is waited for with pings, by every request, and asked once by each", async () => {
    const gates = await startBusy(4, { headersAfter: 20, pingAfter: 30 });
    const streams = await Promise.all(gates.map(() => proxy.post(ask({ stream: true }))));
    const readers = streams.map(({ body }) => body?.pipeThrough(new TextDecoderStream()).getReader());
    const seen = gates.map(() => "");
    const readOn = async (place: number) => {
      const { value, done = true } = (await readers[place]?.read()) ?? {};
      seen[place] += value ?? "";
      return !done;
    };
    for (const place of gates.keys()) while (!seen[place]?.includes("event: ping")) await readOn(place);
    for (const gate of gates) gate.open();
    for (const place of gates.keys()) while (await readOn(place));
    const answers = seen.map((stream) => /answer \d/.exec(stream)?.[0]);
    expect(answers.toSorted()).toEqual(["answer 1", "answer 2", "answer 3", "answer 4"]);
    for (const stream of seen) checkStream(stream);
    expect(proxy.upstream.requests.filter(({ method }) => method === "POST")).toHaveLength(4);
  });

  test("is waited for by a request for one message, too", async () => {
    const [gate] = await startBusy(1, { headersAfter: 20, pingAfter: 30 });
    const answer = proxy.say({ stream: false });
    await Bun.sleep(60);
    gate?.open();
    expect(await answer).toBe("answer 1");
  });
});

describe("a slow backend", () => {
  test.skipIf(isBuilt)("headers and message_start are sent after a bounded wait, then pings", async () => {
    const gate = createGate();
    proxy = await startProxy(held(gate, raw([encodeChunk(contentChunk("Hi")), ending])), {
      pace: { headersAfter: 20, pingAfter: 30 },
    });
    const response = await proxy.post(ask({ stream: true }));
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let seen = "";
    while (!seen.includes("event: ping")) seen += (await reader?.read())?.value ?? "";
    gate.open();
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) seen += part.value;
    const types = checkStream(seen)
      .map((event) => event.type)
      .filter((type) => type !== "ping");
    expect(types).toEqual([
      "message_start",
      "content_block_start",
      "content_block_delta",
      "content_block_stop",
      "message_delta",
      "message_stop",
    ]);
  });

  test.skipIf(isBuilt)(
    "comments count as activity, and empty deltas reach a client whose watchdog ignores pings",
    async () => {
      const gate = createGate();
      proxy = await startProxy(
        raw([": keep-alive\n\n", encodeChunk(contentChunk("Hi")), gate, ": keep-alive\n\n", ending]),
        {
          pace: { pingAfter: 20, deltaAfter: 40 },
        },
      );
      const response = await proxy.post(ask({ stream: true }));
      const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
      let seen = "";
      while (!seen.includes('"text":""}}')) seen += (await reader?.read())?.value ?? "";
      gate.open();
      for (let part = await reader?.read(); part && !part.done; part = await reader?.read())
        seen += part.value;
      expect(checkStream(seen).at(-1)?.type).toBe("message_stop");
    },
  );
});
